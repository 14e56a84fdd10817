// The settings of the server's process.
import { useMutation, useQuery } from '@tanstack/react-query';
import { serverSettings, updateServerSettings } from '../api/server';
import type { UpdateServerSettings } from '../api/types_gen';
import { api, queryClient } from './client';

const key = ['admin', 'server'] as const;

export const useServerSettings = () => useQuery({ queryKey: key, queryFn: ({ signal }) => serverSettings(api, signal) });

export const useUpdateServerSettings = () => useMutation({
  mutationFn: (body: UpdateServerSettings) => updateServerSettings(api, body),
  onSuccess: (now) => queryClient.setQueryData(key, now),
});
