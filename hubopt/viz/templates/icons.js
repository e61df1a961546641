"use strict";
/* Pictograms of the gateways and the rings of the facilities, drawn here so that no image is fetched. */
(() => {
  const { svg } = hubopt;
  const PICTOGRAMS = {
    port: "M12 4.5a1.8 1.8 0 1 0 .01 0M12 8v10.500M8.500 10.500h7M5.500 13.500c.4 3.2 3 5.200 6.500 5.200s6.100-2 6.500-5.200",
    airport: "M12 4v15M12 9l7.500 4.500M12 9l-7.500 4.500M12 17.200l3.200 2M12 17.200l-3.200 2",
    rail: "M7.500 5h9v10.500h-9zM7.500 10.500h9M9.500 15.500l-2.500 4M14.500 15.500l2.500 4M9.800 13h.01M14.200 13h.01",
    border: "M5 19V9M19 19V9M4 9.500h16M7 6h10M9 13l6 0M9 16h6",
    expressway: "M8.500 4.500L5.500 19.500M15.500 4.500l3 15M12 5v3M12 10.500v3M12 16v3",
    overseas: "M12 4.500a7.500 7.500 0 1 0 .01 0M4.500 12h15M12 4.500c-4.600 4.200-4.600 10.800 0 15M12 4.500c4.600 4.200 4.600 10.800 0 15",
  };
  hubopt.pictogram = (kind, size) =>
    svg("svg", { viewBox: "0 0 24 24", width: size, height: size, class: "pictogram " + kind, "aria-hidden": "true" },
      svg("path", { d: PICTOGRAMS[kind], fill: "none", stroke: "currentColor", "stroke-width": "2", "stroke-linecap": "round", "stroke-linejoin": "round" }));

  /* Ring of a facility by what happens to it, as Leaflet path options. */
  const INK = "#16202b";
  hubopt.RINGS = {
    new: { color: "#ffffff", weight: 1, dashArray: null },
    keep: { color: INK, weight: 1.6, dashArray: null },
    expand: { color: INK, weight: 3.2, dashArray: null },
    upgrade: { color: INK, weight: 2, dashArray: "3 3" },
    close: { color: "#59636e", weight: 1.6, dashArray: "2 3" },
  };
  hubopt.disc = (colour, action, radius = 7) => {
    const ring = hubopt.RINGS[action];
    const size = 2 * (radius + 2);
    const middle = size / 2;
    const circle = { cx: middle, cy: middle, r: radius, fill: action === "close" ? "#ffffff" : colour, stroke: ring.color, "stroke-width": ring.weight };
    if (ring.dashArray) circle["stroke-dasharray"] = ring.dashArray;
    return svg("svg", { width: size, height: size, class: "disc", "aria-hidden": "true" }, svg("circle", circle));
  };
  hubopt.dot = (colour, radius) =>
    svg("svg", { width: 2 * radius + 2, height: 2 * radius + 2, class: "disc", "aria-hidden": "true" },
      svg("circle", { cx: radius + 1, cy: radius + 1, r: radius, fill: colour, "fill-opacity": 0.75, stroke: "#ffffff" }));
  hubopt.stroke = (colour, width, length = 26, dashes = null, dotted = false) =>
    svg("svg", { width: length, height: 12, class: "stroke", "aria-hidden": "true" },
      svg("line", { x1: 1, y1: 6, x2: length - 1, y2: 6, stroke: colour, "stroke-width": width, ...(dashes ? { "stroke-dasharray": dashes } : {}), ...(!dashes || dotted ? { "stroke-linecap": "round" } : {}) }));
})();
