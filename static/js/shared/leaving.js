// Makes the browser ask before it leaves the page while a session is open. Not for other companies' pages, which may
// reload at each click.

/** Returns {isOpen(count), go(work)}: takes the number of open sessions; runs `work`, which leaves without asking. */
export function guardLeaving() {
  const ask = (event) => event.preventDefault();
  const isOpen = (count) => {
    if (count > 0) addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  };
  const go = (work) => {
    isOpen(0);
    work();
  };
  return { isOpen, go };
}
