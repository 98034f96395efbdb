// Dragging by mouse, pen or finger. Frames would get the pointer's events, so an overlay covers them during a drag.
// Escape and a lost pointer cancel the drag.
const SLOP_PX = 4; // less movement is a click

export function onDrag(handle, overlay, { start, move, end, cancel }) {
  let from = null;
  let isMoving = false;

  function stop(finish) {
    const wasMoving = isMoving;
    [from, isMoving] = [null, false];
    overlay.hidden = true;
    delete overlay.dataset.side;
    if (wasMoving) finish();
  }

  function follow(event) {
    if (!from || event.pointerId !== from.id) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!isMoving && Math.hypot(dx, dy) < SLOP_PX) return;
    if (!isMoving) {
      isMoving = true;
      overlay.hidden = false;
      start();
    }
    move({ dx, dy, x: event.clientX });
  }

  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || from) return;
    from = { id: event.pointerId, x: event.clientX, y: event.clientY };
    handle.setPointerCapture(event.pointerId);
  });
  addEventListener("pointermove", follow);
  addEventListener("pointerup", (event) => {
    if (from?.id === event.pointerId) stop(end);
  });
  addEventListener("pointercancel", (event) => {
    if (from?.id === event.pointerId) stop(cancel);
  });
  addEventListener("keydown", (event) => {
    if (from && event.key === "Escape") stop(cancel);
  });
}

/** Returns the movement for an arrow key in pixels, or null; more with Shift. */
export function step(event) {
  const by = event.shiftKey ? 64 : 16;
  const arrows = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
  const [dx, dy] = arrows[event.key] ?? [];
  return dx === undefined ? null : { dx, dy };
}
