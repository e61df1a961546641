"use strict";
/* Takes over the map that Folium made, puts the page together and follows the address. */
hubopt.startReview = (map) => {
  const { data, t, el, review, latlng } = hubopt;
  hubopt.map = map;
  map.attributionControl.setPrefix(false);
  document.body.classList.toggle("bare", !data.base.land);
  const box = map.getContainer();
  const list = document.getElementById("list");
  const detail = document.getElementById("detail");
  list.after(box, detail);
  box.setAttribute("role", "main");
  /* What is clicked is no click on the map, even if it is gone by the time that the map hears of it. */
  const quiet = (made) => {
    L.DomEvent.disableClickPropagation(made);
    return made;
  };
  const fold = el("button", { type: "button", id: "fold", onclick: () => {
    document.body.classList.toggle("folded");
    folded();
    review.resize();
  } });
  const folded = () => {
    fold.title = t(document.body.classList.contains("folded") ? "review.panel-show" : "review.panel-hide");
    fold.setAttribute("aria-label", fold.title);
    fold.setAttribute("aria-expanded", String(!document.body.classList.contains("folded")));
  };
  box.append(quiet(fold));
  review.resize = () => map.invalidateSize({ animate: false, pan: false });

  const Tools = L.Control.extend({
    options: { position: "topright" },
    onAdd: () => quiet(el("div", { id: "tools" })),
  });
  map.zoomControl.setPosition("topright");
  new Tools().addTo(map);
  review.showTools = () => {
    const button = (id, text, onclick, more = {}) => quiet(el("button", { type: "button", id, onclick, ...more }, text));
    const focused = document.activeElement?.id;
    document.getElementById("tools").replaceChildren(
      button("whole", t("review.whole"), review.whole),
      ...(data.schematic ? [] : [button("measure", t("review.measure"), () => review.measure(!review.measuring), { "aria-pressed": String(Boolean(review.measuring)) })]),
      button("print", t("review.print"), review.print));
    if (["whole", "measure", "print"].includes(focused)) document.getElementById(focused)?.focus();
  };
  if (!data.schematic) L.control.scale({ imperial: false, position: "bottomright", maxWidth: 140 }).addTo(map);

  const credit = () => {
    const open = (event) => {
      event.preventDefault();
      document.body.classList.remove("folded");
      const sources = document.getElementById("sources");
      sources.open = true;
      sources.scrollIntoView();
      review.resize();
    };
    map.attributionControl.getContainer().replaceChildren(el("span", { class: "credit" },
      data.openstreetmap ? el("a", { href: "https://www.openstreetmap.org/copyright", rel: "noopener noreferrer", target: "_blank" }, t("sources.openstreetmap")) : null, " ",
      el("button", { type: "button", id: "all-sources", onclick: open }, t("sources.more"))));
  };

  /* --- the address: #site=ID, and for a copied link the view and the language too -------------------------------- */

  const read = () => Object.fromEntries(location.hash.slice(1).split("&").filter(Boolean).map((part) => {
    const [key, ...value] = part.split("=");
    try {
      return [key, decodeURIComponent(value.join("="))];
    } catch {
      return [key, ""];
    }
  }));
  const address = (hash) => location.href.split("#")[0] + hash;
  review.link = () => {
    const center = map.getCenter();
    const view = [map.getZoom(), center.lat.toFixed(5), center.lng.toFixed(5)].join("/");
    return address("#site=" + encodeURIComponent(review.chosen) + "&view=" + view + "&lang=" + hubopt.lang);
  };
  const follow = () => {
    const asked = read();
    if (["en", "zh"].includes(asked.lang) && asked.lang !== hubopt.lang) hubopt.setLanguage(asked.lang);
    if (asked.site === undefined || !review.byId.has(asked.site)) return;
    review.choose(asked.site);
    const site = review.site();
    const [zoom, lat, lng] = (asked.view || "").split("/").map(Number);
    if ([zoom, lat, lng].every(Number.isFinite) && asked.view) map.setView([lat, lng], zoom, { animate: false });
    else if (site.at) map.setView(latlng(site.at), data.schematic ? map.getZoom() : 14, { animate: false });
  };
  review.watch((what) => {
    if (what !== "choice") return;
    const hash = review.chosen === null ? "" : "#site=" + encodeURIComponent(review.chosen);
    if (read().site !== (review.chosen ?? undefined)) history.replaceState(null, "", address(hash));
  });

  review.drawMap(map);
  review.readyToMeasure(map);
  review.readyToPrint(map);
  hubopt.listeners.push(() => {
    document.title = t("review.title", { name: hubopt.name(data.instance.name) });
    box.setAttribute("aria-label", t("review.map"));
    review.refresh("sort");
    review.buildList();
    review.showDetail();
    review.showTools();
    folded();
    credit();
  });
  hubopt.setLanguage(data.lang);
  review.resize();
  review.whole();
  follow();
  addEventListener("hashchange", follow);
};
