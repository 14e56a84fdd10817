package main

import (
	"fmt"
	"slices"
)

// row prints a figure that is recorded.
func row(what, format string, args ...any) {
	fmt.Printf("| %s | %s | | |\n", what, fmt.Sprintf(format, args...))
}

// A bound is what a figure is held against: so many times what something else
// reached in the same run. A peer of 0 was not to be had.
type bound struct {
	factor float64
	name   string
	peer   float64
}

// atLeast prints a figure that should be large, with what it must reach.
func atLeast(what, unit string, own float64, bounds ...bound) { held(what, unit, own, false, bounds) }

// atMost prints a figure that should be small.
func atMost(what, unit string, own float64, bounds ...bound) { held(what, unit, own, true, bounds) }

func held(what, unit string, own float64, most bool, bounds []bound) {
	word := "at least"
	if most {
		word = "at most"
	}
	for _, b := range bounds {
		if b.peer == 0 {
			fmt.Printf("| %s | %s %s | %s %.2f x %s | not to be had |\n", what, figure(own), unit, word, b.factor, b.name)
			continue
		}
		need := b.factor * b.peer
		verdict := "met"
		if most && own > need || !most && own < need {
			verdict = "MISSED"
		}
		name := fmt.Sprintf("%.2f x %s (%s) = %s", b.factor, b.name, figure(b.peer), figure(need))
		if b.name == "" {
			name = figure(need)
		}
		fmt.Printf("| %s | %s %s | %s %s | %s |\n", what, figure(own), unit, word, name, verdict)
	}
}

// fixed is a bound that does not come from a peer.
func fixed(v float64) bound { return bound{1, "", v} }

func figure(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}
