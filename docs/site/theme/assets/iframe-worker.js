// Browsers start no worker on a page that was opened from a file, and the search asks for one. There, a hidden frame
// stands in for it: it has the functions that a worker's script expects, and messages go over as copies, later.
if (location.protocol === "file:") {
  window.Worker = window.IFrameWorker = class extends EventTarget {
    constructor(address) {
      super();
      const script = new URL(address, document.baseURI).href;
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.documentElement.append(frame);
      const inside = frame.contentWindow;
      const tell = (target, data) => {
        const copy = structuredClone(data);
        setTimeout(() => target.dispatchEvent(new MessageEvent("message", { data: copy })));
      };
      const load = (source) =>
        new Promise((done, failed) => {
          const tag = inside.document.createElement("script");
          tag.src = new URL(source, script).href;
          tag.onload = done;
          tag.onerror = failed;
          inside.document.head.append(tag);
        });
      inside.postMessage = (data) => tell(this, data);
      inside.importScripts = (...sources) => sources.reduce((before, next) => before.then(() => load(next)), Promise.resolve());
      this.frame = frame;
      this.ready = load(script);
      this.toInside = (data) => tell(inside, data);
    }

    postMessage(data) {
      this.ready.then(() => this.toInside(data));
    }

    terminate() {
      this.frame.remove();
    }
  };
}
