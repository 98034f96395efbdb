// Another tenant's adapter, which posts what the bench asks for. Times are milliseconds since 1970.
const embedder = document.referrer && new URL(document.referrer).origin;
const now = () => performance.timeOrigin + performance.now();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let count = 0;

function event(type, data) {
  count += 1;
  const about = { chat_id: 73522, session_type: "Messaging (Web)", agent_id: 1, agent_email: "james.bond@agents.co" };
  const meta = { id: `01BENCH${count}`, seq: count, at: new Date().toISOString(), replayed: false, v: 1 };
  return JSON.stringify({ type, data: { ...about, queue_id: 6, queue_path: "Developers / James", ...data }, meta });
}

// post(events, gap) -> when each was posted.
window.post = async (events, gap) => {
  const times = [];
  for (let posted = 0; posted < events; posted += 1) {
    const text = event("New_Chat", {});
    times.push(now());
    parent.postMessage(text, embedder);
    await pause(gap);
  }
  return times;
};

// pop(records, first, gap) -> for each: from its posting to the start of the record frame's navigation.
window.pop = async (records, first, gap) => {
  const times = [];
  const navigations = new BroadcastChannel("bench-records");
  for (let number = first; number < first + records; number += 1) {
    const url = `${location.origin}/records/${number}`;
    const text = event("CRM_Record_Pop", { recordUrl: url });
    const started = new Promise((resolve) => {
      navigations.onmessage = ({ data }) => data.url === url && resolve(data.startedAt);
    });
    const postedAt = now();
    parent.postMessage(text, embedder);
    times.push((await started) - postedAt);
    await pause(gap);
  }
  navigations.close();
  return times;
};

// clock() -> how much the embedder's clock is ahead of ours, by the quickest of many round trips.
window.clock = async () => {
  let [best, ahead] = [Infinity, 0];
  for (let round = 0; round < 50; round += 1) {
    const answer = new Promise((resolve) => addEventListener("message", ({ data }) => resolve(data), { once: true }));
    const asked = now();
    parent.postMessage("bench: what time is it?", embedder);
    const theirs = await answer;
    const answered = now();
    if (answered - asked < best) [best, ahead] = [answered - asked, theirs - (asked + answered) / 2];
  }
  return ahead;
};
