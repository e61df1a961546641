"use strict";
/* One picture of a candidate everywhere: shape by level, colour and sign by what the plan does, badge by the marks. */
(() => {
  const { svg } = hubopt;
  const SHAPES = {
    hub: "M-9-9H9V9H-9Z",
    utc: "M0-11L11 0L0 11L-11 0Z",
    station: "M-9 0A9 9 0 1 0 9 0A9 9 0 1 0-9 0Z",
    none: "M-9 0A9 9 0 1 0 9 0A9 9 0 1 0-9 0Z",
  };
  const SIGNS = {
    new: "M-5 0H5M0-5V5",
    expand: "M-5.5 0H5.5M-2.5-3L-5.5 0L-2.5 3M2.5-3L5.5 0L2.5 3",
    upgrade: "M0 5.5V-5M-4.5-1L0-5.5L4.5-1",
    keep: "M-4.5-2.4H4.5M-4.5 2.4H4.5",
    close: "M-4-4L4 4M4-4L-4 4",
    excluded: "M-4.5 4.5L4.5-4.5",
  };
  const STYLES = {
    new: { fill: "#0b5fa5", line: "#ffffff", sign: "#ffffff" },
    expand: { fill: "#3f9fdc", line: "#ffffff", sign: "#08263f" },
    upgrade: { fill: "#a6448a", line: "#ffffff", sign: "#ffffff" },
    keep: { fill: "#0d7a5f", line: "#ffffff", sign: "#ffffff" },
    close: { fill: "#fff3ec", line: "#c2410c", sign: "#c2410c" },
    "not-chosen": { fill: "#aab1b8", line: "#ffffff", sign: "#aab1b8" },
    excluded: { fill: "#ffffff", line: "#4d565f", sign: "#4d565f" },
    unsolved: { fill: "#5b8bb5", line: "#ffffff", sign: "#5b8bb5" },
  };
  const BADGES = {
    accept: { fill: "#0d7a5f", sign: "M-4.5 0.5L-1.2 3.8L4.5-3.5" },
    reject: { fill: "#b3261e", sign: "M-3.6-3.6L3.6 3.6M3.6-3.6L-3.6 3.6" },
    question: { fill: "#8a5a00", sign: "M-2.8-2.6C-2.8-6 2.9-6 2.9-2.6C2.9-.4 0-.4 0 2M0 4.6V5" },
    comment: { fill: "#35506b", sign: "M-4-2.6H4M-4 0.4H4M-4 3.4H1" },
    conflict: { fill: "#6d28a8", sign: "M0-5V1.5M0 4.6V5" },
  };
  const paths = new Map();
  const path = (d) => {
    if (!paths.has(d)) paths.set(d, new Path2D(d));
    return paths.get(d);
  };

  const RADIUS = { hub: 10, utc: 8.5, station: 6.5, none: 5 };
  const small = (status) => (["not-chosen", "unsolved"].includes(status) ? 0.66 : status === "excluded" ? 0.78 : 1);
  const radius = (site) => RADIUS[site.level || "none"] * small(site.status);

  /* Draws on a canvas around the middle (x, y). */
  function paint(context, x, y, { site, badge, chosen }) {
    const style = STYLES[site.status];
    const scale = radius(site) / 10;
    context.save();
    context.setLineDash([]);
    context.translate(x, y);
    if (chosen) {
      context.beginPath();
      context.arc(0, 0, radius(site) + 6, 0, 2 * Math.PI);
      context.lineWidth = 3;
      context.strokeStyle = "#111827";
      context.stroke();
    }
    context.scale(scale, scale);
    context.lineJoin = "round";
    context.lineCap = "round";
    context.fillStyle = style.fill;
    context.strokeStyle = style.line;
    context.lineWidth = 1.6 / scale;
    const shape = path(SHAPES[site.level || "none"]);
    context.fill(shape);
    context.stroke(shape);
    if (SIGNS[site.status]) {
      context.strokeStyle = style.sign;
      context.lineWidth = 2.1;
      context.stroke(path(SIGNS[site.status]));
    }
    context.scale(1 / scale, 1 / scale);
    if (badge) {
      const away = radius(site) * 0.8 + 2;
      context.translate(away, -away);
      context.beginPath();
      context.arc(0, 0, 6.5, 0, 2 * Math.PI);
      context.fillStyle = BADGES[badge].fill;
      context.fill();
      context.lineWidth = 1.2;
      context.strokeStyle = "#ffffff";
      context.stroke();
      context.scale(0.8, 0.8);
      context.lineWidth = 2;
      context.stroke(path(BADGES[badge].sign));
    }
    context.restore();
  }

  const drawing = (d, style, sign, size, label) => svg("svg", { width: size, height: size, viewBox: "-12 -12 24 24", ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }) },
    svg("path", { d, fill: style.fill, stroke: style.line === "#ffffff" ? "none" : style.line, "stroke-width": 1.8 }),
    ...(sign ? [svg("path", { d: sign, fill: "none", stroke: style.sign, "stroke-width": 2.2, "stroke-linecap": "round", "stroke-linejoin": "round" })] : []));
  const symbol = (level, status, size = 16, label = "") => drawing(SHAPES[level || "none"], STYLES[status], SIGNS[status], size, label);
  const badge = (mark, size = 15, label = "") => drawing(SHAPES.station, { fill: BADGES[mark].fill, line: "#ffffff", sign: "#ffffff" }, BADGES[mark].sign, size, label);

  /* A marker that the shared canvas draws as a symbol. */
  const SiteMark = L.CircleMarker.extend({
    _updatePath() {
      this._renderer._paintSite(this);
    },
  });
  L.Canvas.include({
    _paintSite(layer) {
      if (this._drawing && !layer._empty()) paint(this._ctx, layer._point.x, layer._point.y, layer.options.look());
    },
  });

  Object.assign(hubopt.review, { symbol, badge, SiteMark, radius, colour: (status) => STYLES[status] });
})();
