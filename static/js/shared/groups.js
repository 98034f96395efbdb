// Groups messages of the same sender within two minutes: only the first one shows name and time.

const WITHIN_MS = 2 * 60 * 1000;

/** Marks the messages of a log that continue the one before. */
export function group(log) {
  let before = null;
  for (const line of log.children) {
    const isMessage = line.classList.contains("line");
    line.classList.toggle("is-continued", isMessage && before !== null && continues(before, line));
    before = isMessage ? line : null;
  }
}

function continues(before, line) {
  const pair = [before, line];
  if (pair[0].dataset.sender !== pair[1].dataset.sender || !line.dataset.sender) return false;
  const [earlier, later] = pair.map((each) => Date.parse(each.querySelector("time")?.dateTime ?? ""));
  return later - earlier < WITHIN_MS;
}
