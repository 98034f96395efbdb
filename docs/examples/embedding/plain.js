// Every event as a line of text. data-target pops the records, so nothing is left to do for CRM_Record_Pop.
Patchbay.on("*", (event) => {
  const line = document.createElement("li");
  line.textContent = `${event.type} ${event.data.chat_id ?? event.data.call_id ?? ""}`.trim();
  document.getElementById("log").append(line);
});

Patchbay.on("New_Chat", ({ data }) => {
  document.title = `Chat ${data.chat_id} in ${data.queue_path}`;
});
