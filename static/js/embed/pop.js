// Pops a record into a frame of the page: data-target="its name", data-page-hosts="crm.example other.example:8001".

/** Shows each popped record in the frame that the tag names. */
function popRecords() {
  on("CRM_Record_Pop", ({ data }) => {
    const name = option("target");
    if (!name) return;
    const problem = problemOf(data.recordUrl, words(option("page-hosts", location.host)));
    const frame = document.querySelector(`iframe[name="${CSS.escape(name)}"]`);
    if (problem) warn(`the record can't be shown: its address ${problem}.`);
    else if (!frame) warn(`there is no iframe named ${name}, which data-target names.`);
    else frame.src = new URL(data.recordUrl).href;
  });
}

// The text is checked too, since URL corrects invalid input, and a script address would run in this page.
function problemOf(url, hosts) {
  if (typeof url !== "string" || !/^https?:\/\/[^\s\\/]+[^\s\\\u0000-\u001f\u007f]*$/i.test(url)) {
    return "is no absolute http or https address";
  }
  if (!URL.canParse(url)) return "cannot be read";
  const { host, protocol, username, password } = new URL(url);
  if (username || password) return "names a user";
  const isListed = hosts.some((listed) => spelled(`${protocol}//${listed}`) === spelled(url));
  return isListed ? "" : `leads to ${host}, which is not in data-page-hosts (${hosts.join(" ")})`;
}

/** Returns an origin in a normalized form: case, brackets, default port, international names, a dot at the end. */
function spelled(url) {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port } = new URL(url);
  return `${protocol}//${hostname.replace(/\.$/, "")}:${port}`;
}
