// The button "Connect": the POST returns the address to open. A form couldn't lead to another origin (form-action 'self').

const config = JSON.parse(document.getElementById("page-config").textContent);
const button = document.getElementById("crm-connect");
const problem = document.getElementById("crm-problem");

async function begin() {
  const answer = await fetch("/portal/settings/developer/crm/connect", {
    method: "POST",
    headers: { "X-CSRF-Token": config.csrf, Accept: "application/json" },
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.message);
  const url = new URL(content.url, location.href);
  if (!["https:", "http:"].includes(url.protocol)) throw new Error("The authorization URL is no web address.");
  location.assign(url.href);
}

button?.addEventListener("click", async () => {
  button.disabled = true;
  problem.textContent = "";
  try {
    await begin();
  } catch (error) {
    problem.textContent = error instanceof TypeError ? "The server can't be reached. Try again." : error.message;
    button.disabled = false;
  }
});
addEventListener("pageshow", () => {
  if (button) button.disabled = false; // the browser may restore this page with the button disabled
});
