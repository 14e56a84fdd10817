package usage

// Bound sets how many rows a call and a slice may read.
func (s *Service) Bound(inline, slice int) { s.inline, s.slice = inline, slice }
