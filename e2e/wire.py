"""Scripts between an adapter and its socket, which repeat, reorder and lose events."""

# Messages of the stream may come twice or in another order. `seed` makes it repeatable.
SHUFFLE = """
(() => {
  let seed = %d;
  const random = () => (seed = (seed * 16807) %% 2147483647) / 2147483647;
  const add = WebSocket.prototype.addEventListener;
  WebSocket.prototype.addEventListener = function (type, listener, ...rest) {
    if (type !== "message") return add.call(this, type, listener, ...rest);
    const held = [];
    const release = () => held.splice(0).forEach((event) => listener(event));
    return add.call(this, type, (event) => {
      const isOfStream = /^\\{"op":"(post|passed)"/.test(event.data);
      if (isOfStream && held.length < 3 && random() < 0.4) {
        held.push(event);
        setTimeout(release, 300);
        return;
      }
      listener(event);
      if (isOfStream && random() < 0.5) listener(event);
      release();
    }, ...rest);
  };
})();
"""

# While the parent page has `loseNext`, a pop is neither posted nor acknowledged, as in a tab that is closed.
LOSE_POPS = """
(() => {
  const add = WebSocket.prototype.addEventListener;
  WebSocket.prototype.addEventListener = function (type, listener, ...rest) {
    if (type !== "message") return add.call(this, type, listener, ...rest);
    return add.call(this, type, (event) => {
      if (parent.loseNext && /^\\{"op":"post"/.test(event.data) && /"ack":/.test(event.data)) {
        parent.hasLost = true;
        return;
      }
      listener(event);
    }, ...rest);
  };
})();
"""
