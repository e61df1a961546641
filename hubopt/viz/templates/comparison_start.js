"use strict";
/* Makes the three maps, links their views, and opens places on all of them. */
(() => {
  const { data, t, el, latlng } = hubopt;
  hubopt.view = "sides";
  hubopt.off = new Set();
  hubopt.views = {
    first: new hubopt.View("first", hubopt.sideLayers),
    second: new hubopt.View("second", hubopt.sideLayers),
    difference: new hubopt.View("difference", hubopt.differenceLayers),
  };
  const all = Object.values(hubopt.views);
  const seen = () => (hubopt.view === "sides" ? [hubopt.views.first, hubopt.views.second] : [hubopt.views.difference]);

  /* --- linked views: one moves, the others follow; the pointer is shown on the other side ------------------------- */

  let moving = false;
  let touched = false; // the reader has chosen a view
  const follow = (leader) => {
    if (moving) return;
    moving = true;
    for (const view of all) if (view !== leader) view.map.setView(leader.map.getCenter(), leader.map.getZoom(), { animate: false });
    moving = false;
  };
  for (const view of all) {
    view.map.on("dragstart", () => { touched = true; });
    for (const kind of ["wheel", "dblclick", "mousedown", "keydown"]) view.map.getContainer().addEventListener(kind, () => { touched = true; });
    view.map.on("move zoomend", () => { if (seen().includes(view)) follow(view); });
    view.map.on("mousemove", (event) => { for (const other of seen()) if (other !== view) other.cursor.setLatLng(event.latlng).addTo(other.map); });
    view.map.on("mouseout", () => { for (const other of all) other.cursor.remove(); });
    view.map.on("popupclose", () => { if (view.groups.links) view.groups.links.clearLayers(); });
  }
  L.control.zoom({ position: "topright" }).addTo(hubopt.views.second.map);
  L.control.zoom({ position: "topright" }).addTo(hubopt.views.difference.map);
  if (!data.schematic) for (const id of ["second", "difference"]) L.control.scale({ imperial: false, position: "topleft", maxWidth: 120 }).addTo(hubopt.views[id].map);

  const fit = (leader) => {
    leader.map.fitBounds(data.bounds, { padding: [12, 12], animate: false });
    follow(leader);
  };

  /* --- drawing ---------------------------------------------------------------------------------------------------- */

  const stale = new Set(all);
  function drawSeen() {
    for (const view of seen()) {
      view.map.invalidateSize({ animate: false });
      if (!stale.delete(view)) continue;
      if (view === hubopt.views.difference) hubopt.drawDifference(view);
      else hubopt.drawSide(view, view === hubopt.views.first ? 0 : 1);
    }
  }
  hubopt.redraw = () => {
    for (const view of all) {
      view.map.closePopup();
      stale.add(view);
    }
    drawSeen();
  };
  hubopt.look = (view) => {
    hubopt.view = view;
    document.getElementById("views").className = view;
    moving = true; // a map that was out of sight has no size, and its view must not lead
    for (const one of seen()) one.map.invalidateSize({ animate: false });
    moving = false;
    if (!touched) fit(seen()[0]);
    drawSeen();
    hubopt.render();
  };
  hubopt.toggleChange = (layer, on) => {
    const { map, groups } = hubopt.views.difference;
    if (on) hubopt.off.delete(layer);
    else hubopt.off.add(layer);
    if (on) map.addLayer(groups[layer]);
    else map.removeLayer(groups[layer]);
    hubopt.views.difference.inOrder();
  };

  /* Opens a place on every map in sight; the one where it was clicked makes room for it. */
  hubopt.open = (kind, index, only = null) => {
    const thing = hubopt.listOf(kind)[index];
    if (!thing.at) return;
    for (const view of seen()) {
      if (view.groups.links) hubopt.drawLinks(view, kind, index);
      L.popup({ maxWidth: 400, minWidth: 290, maxHeight: 420, autoPan: view === only }).setLatLng(latlng(thing.at)).setContent(() => hubopt.card(kind, index)).openOn(view.map);
    }
  };
  hubopt.goTo = ({ kind, index, thing }) => {
    touched = true;
    const [leader] = seen();
    const zoom = data.schematic ? leader.map.getZoom() : Math.max(leader.map.getZoom(), 12.5);
    leader.map.once("moveend", () => hubopt.open(kind, index));
    leader.map.flyTo(latlng(thing.at), zoom, { duration: 0.6 });
  };

  const credit = () => {
    const line = el("span", { class: "credit" }, data.openstreetmap ? el("span", {}, t("sources.openstreetmap")) : null,
      el("span", { class: "titles" }, t("sources.data", { list: data.sources.map((source) => source.title).join("; ") })));
    for (const view of all) view.map.attributionControl.getContainer().replaceChildren(line.cloneNode(true));
  };
  hubopt.listeners.push(() => {
    hubopt.render();
    credit();
    for (const view of all) view.map.eachLayer((layer) => layer instanceof L.Popup && layer.update());
  });
  document.body.classList.toggle("bare", !data.base.land);
  document.getElementById("views").className = "sides";
  fit(hubopt.views.first);
  hubopt.setLanguage(hubopt.lang);
  drawSeen();
  document.documentElement.dataset.ready = "true";
})();
