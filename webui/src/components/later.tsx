// Code that is loaded when it is first shown.
//
// React's lazy does it too, but what has come is held back by Suspense until 300 ms after
// its fallback was drawn. Rows are waited for: here they are drawn as soon as they can be,
// and at once when the code is there already.
import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

export type Loader<P> = () => Promise<{ default: ComponentType<P> }>;

export type Later<P> = ComponentType<P> & { load: () => Promise<void> };

/** Gives a component whose code comes by load; waiting stands in its place until then. What went wrong is thrown to the boundary around it, and tried again by the next one that is shown. */
export function later<P extends object>(load: Loader<P>, waiting: ReactNode = null): Later<P> {
  let Code: ComponentType<P> | null = null;
  let coming: Promise<void> | null = null;
  const fetched = () => (coming ??= load().then((m) => { Code = m.default; }, (e: unknown) => {
    coming = null;
    throw e;
  }));
  function Shown(props: P) {
    const [state, setState] = useState<{ error?: unknown }>({});
    useEffect(() => {
      if (Code) return undefined;
      let here = true;
      fetched().then(() => { if (here) setState({}); }, (error: unknown) => { if (here) setState({ error }); });
      return () => { here = false; };
    }, []);
    if ('error' in state) throw state.error;
    return Code ? <Code {...props} /> : waiting;
  }
  return Object.assign(Shown, { load: fetched });
}
