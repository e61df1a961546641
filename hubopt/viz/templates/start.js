"use strict";
/* Takes over the map and the layers that Folium made. */
hubopt.start = (map, groups) => {
  const { data, t } = hubopt;
  Object.assign(hubopt, { map, groups });
  map.attributionControl.setPrefix(false);
  document.body.classList.toggle("bare", !data.base.land);
  document.body.classList.toggle("folded", innerWidth < 640);

  /* Online tiles, only where they were asked for: they take the place of the base map that is in the file. */
  const OWN = ["land", "water", "roads", "expressways"].filter((layer) => layer in data.base);
  const tiles = data.tiles ? L.tileLayer(data.tiles.url, { pane: "tilePane", maxZoom: 19, detectRetina: false }) : null;
  hubopt.showTiles = (on) => {
    if (on) tiles.addTo(map);
    else tiles.remove();
    for (const layer of OWN) hubopt.toggle(layer, !on);
    const box = document.getElementById("tiles");
    if (box) box.checked = on;
  };
  hubopt.hasTiles = () => Boolean(tiles && map.hasLayer(tiles));

  const credit = () => {
    const control = map.attributionControl;
    const titles = data.sources.map((source) => source.title);
    const open = (event) => {
      event.preventDefault();
      document.body.classList.remove("folded");
      const sources = document.getElementById("sources");
      sources.open = true;
      sources.scrollIntoView({ block: "end" });
    };
    const line = hubopt.el("span", { class: "credit" },
      data.openstreetmap ? hubopt.el("a", { href: "https://www.openstreetmap.org/copyright", rel: "noopener noreferrer", target: "_blank" }, t("sources.openstreetmap")) : null,
      data.tiles ? hubopt.el("span", { id: "tiles-credit" }, t("sources.tiles", { credit: data.tiles.credit })) : null,
      hubopt.el("span", { class: "titles", title: titles.join("\n") }, t("sources.data", { list: titles.join("; ") })),
      hubopt.el("a", { href: "#sources", onclick: open }, t("sources.more")));
    control.getContainer().replaceChildren(line);
  };

  const fit = () => {
    const corner = L.point(hubopt.panelWidth() + 16, 24);
    map.fitBounds(data.bounds, { paddingTopLeft: corner, paddingBottomRight: [24, 34], animate: false });
  };

  document.getElementById("fold").addEventListener("click", () => {
    document.body.classList.toggle("folded");
    hubopt.render();
  });
  if (!data.schematic) L.control.scale({ imperial: false, position: "bottomright", maxWidth: 140 }).addTo(map);
  map.zoomControl.setPosition("topright");
  hubopt.drawOnce();
  hubopt.listeners.push(() => {
    hubopt.render();
    credit();
    map.eachLayer((layer) => layer instanceof L.Popup && layer.update());
  });
  hubopt.setLanguage(hubopt.lang);
  fit();
  hubopt.draw();
  hubopt.follow();
  if (tiles) hubopt.showTiles(true);
  map.on("moveend", hubopt.label);
  hubopt.label();
  document.documentElement.dataset.ready = "true";
};
