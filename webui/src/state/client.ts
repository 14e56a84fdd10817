// The one API client and the one cache of a window, and what all queries share.
import { QueryClient } from '@tanstack/react-query';
import { Api } from '../api/api';
import { ApiError, NetworkError, SessionEnded } from '../api/errors';
import { Session } from '../api/session';

export const session = new Session();
export const api = new Api(session);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      gcTime: 10 * 60_000,
      networkMode: 'always', // the server may be on this machine
      refetchOnWindowFocus: true,
      // Reads are tried again where that may help; what the server said is final.
      retry: (count, e) => count < 2 && (e instanceof NetworkError || (e instanceof ApiError && [502, 503, 504].includes(e.status))),
      retryDelay: (n, e) => Math.max(e instanceof ApiError ? e.retryAfter * 1000 : 0, 400 * 2 ** n),
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

/** The keys of queries. What begins with a key is refreshed together with it. */
export const keys = {
  me: ['me'] as const,
  config: ['config'] as const,
  shares: ['shares'] as const,
  share: (id: string) => ['share', id] as const,
  /** All listings of a share. */
  listings: (share: string) => ['children', share] as const,
  listing: (share: string, folder: string | null) => ['children', share, folder ?? 'root'] as const,
  folder: (id: string) => ['folder', id] as const,
  file: (id: string) => ['file', id] as const,
  notices: ['notices'] as const,
  favourites: ['desk', 'favourites'] as const,
  recent: ['desk', 'recent'] as const,
  trash: (share: string) => ['trash', share] as const,
};

/** Reports whether an error is the sign-in page's business, not the view's. */
export const isSessionEnd = (e: unknown) => e instanceof SessionEnded;
