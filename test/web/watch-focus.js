/**
 * Runs in the page. Reports each dialog after which the focus is not on an element of the page, although it was before.
 * It looks before the browser can paint or handle the next key, so that the speed of the machine does not matter.
 */
const openers = new WeakMap();
const show = HTMLDialogElement.prototype.showModal;
HTMLDialogElement.prototype.showModal = function showModal() {
  openers.set(this, document.activeElement);
  show.call(this);
};
new MutationObserver((changes) => {
  for (const dialog of changes.flatMap(({ removedNodes }) => [...removedNodes])) {
    const opener = openers.get(dialog);
    // An opener that left the page with its view cannot get the focus back; in a window without the focus it comes late.
    if (
      document.hasFocus() &&
      opener?.isConnected &&
      opener !== document.body &&
      document.activeElement === document.body
    )
      console.error(`Lost focus after ${dialog.getAttribute("aria-label") ?? dialog.textContent}`);
  }
}).observe(document, { childList: true, subtree: true });
