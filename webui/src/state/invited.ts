// The address of an invitation ("#invitation=inv_…") leads to the person's
// invitations. It holds no secret: who is signed in with the invited address sees it.
export function watchInvitation(): void {
  const take = () => {
    if (/^#invitation=inv_[0-9A-Za-z]{26}$/.test(window.location.hash)) window.history.replaceState(null, '', '/invitations');
  };
  take();
  window.addEventListener('hashchange', () => { take(); window.dispatchEvent(new PopStateEvent('popstate')); });
}
