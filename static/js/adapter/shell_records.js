// What our own shell has to know to show the right record: the session in front, and by session id the consumer's name, the
// record of an offer, and why there is no record.

const each = (selector) => Array.from(document.querySelectorAll(selector), ({ dataset }) => dataset);

/** Returns {front, names, records, problems}; `front` is the id of the session that the agent looks at, or null. */
export function aboutRecords() {
  const front = document.querySelector('#chat-tabs [role="tab"][aria-selected="true"], #call-name[data-session]');
  return {
    front: front?.dataset.session ?? null,
    names: Object.fromEntries(each("[data-caller]").map(({ session, offer, caller }) => [session ?? offer, caller])),
    records: Object.fromEntries(each("[data-offer][data-record]").map(({ offer, record }) => [offer, record])),
    problems: Object.fromEntries(each("[data-no-record]").map(({ card, noRecord }) => [card, noRecord])),
  };
}
