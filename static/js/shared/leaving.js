// While a session is open, the browser asks before it leaves the page. Not in other companies' pages: those may load
// anew at each click.

/** Returns {isOpen(count), go(work)}: how many sessions are open, and `work` that leaves the page without being asked. */
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
