"use strict";
/* Measuring on the map: length of a line, and the area within it from three points on. */
(() => {
  const { t, el, format, review } = hubopt;
  let map;
  let points = [];
  let drawn;
  let readout;

  const length = (metres) => (metres < 1000 ? t("review.metres", { value: format.figures(metres) }) : format.unit("km", metres / 1000));
  /* Area on the sphere within a ring of points. */
  function area(ring) {
    const rad = Math.PI / 180;
    let sum = 0;
    ring.forEach((a, i) => {
      const b = ring[(i + 1) % ring.length];
      sum += (b.lng - a.lng) * rad * (2 + Math.sin(a.lat * rad) + Math.sin(b.lat * rad));
    });
    return Math.abs((sum * 6371008.8 ** 2) / 2);
  }
  const along = () => points.slice(1).reduce((sum, point, i) => sum + map.distance(points[i], point), 0);

  function show() {
    drawn.clearLayers();
    const style = { color: "#111827", weight: 2, dashArray: "6 4", interactive: false };
    if (points.length > 2) L.polygon(points, { ...style, stroke: false, fillColor: "#111827", fillOpacity: 0.08 }).addTo(drawn);
    L.polyline(points, style).addTo(drawn);
    for (const point of points) L.circleMarker(point, { ...style, dashArray: null, radius: 4, fillColor: "#ffffff", fillOpacity: 1 }).addTo(drawn);
    readout.hidden = !review.measuring;
    if (points.length < 2) readout.textContent = t("review.measure-help");
    else {
      const metres = along();
      const hectares = area(points) / 1e4;
      const wide = hectares < 1000 ? format.unit("ha", hectares) : format.unit("km2", hectares / 100);
      readout.textContent = points.length > 2 ? t("review.measure-area", { length: length(metres), area: wide }) : t("review.measure-length", { length: length(metres) });
    }
  }

  review.measure = (on) => {
    review.measuring = on;
    points = [];
    map.getContainer().classList.toggle("measuring", on);
    on ? map.doubleClickZoom.disable() : map.doubleClickZoom.enable();
    show();
    review.showTools();
  };
  review.readyToMeasure = (made) => {
    map = made;
    review.measuring = false;
    drawn = L.layerGroup().addTo(map);
    readout = el("output", { id: "readout", hidden: true });
    map.getContainer().append(readout);
    map.on("click", (event) => {
      if (!review.measuring) return;
      points.push(event.latlng);
      show();
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && review.measuring && review.measure(false));
    hubopt.listeners.push(show);
  };
})();
