(() => {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const facets = JSON.parse(byId("data").textContent).entries;
  const search = byId("search");
  const entries = all(".entry");
  const chosen = Object.fromEntries(all("[data-facet]").map((button) => [button.dataset.facet, new Set()]));
  const texts = new Map();

  const speak = (language) => {
    root.dataset.lang = language;
    root.lang = language === "zh" ? "zh-CN" : "en";
    for (const button of all("[data-language]")) {
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    }
    for (const name of ["aria-label", "placeholder"]) {
      for (const element of all(`[data-${name}-${language}]`)) {
        element.setAttribute(name, element.getAttribute(`data-${name}-${language}`));
      }
    }
  };

  const textOf = (entry) => {
    if (!texts.has(entry)) texts.set(entry, `${entry.id} ${entry.textContent}`.toLowerCase().replace(/\s+/g, " "));
    return texts.get(entry);
  };

  const matches = (entry, words) => {
    const own = facets[entry.id];
    for (const [facet, values] of Object.entries(chosen)) {
      if (values.size && !(own && own[facet] && own[facet].some((value) => values.has(value)))) return false;
    }
    return words.every((word) => textOf(entry).includes(word));
  };

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const count = Object.values(chosen).reduce((sum, values) => sum + values.size, 0);
    const narrowed = words.length > 0 || count > 0;
    let shown = 0;
    for (const entry of entries) {
      entry.hidden = narrowed && !matches(entry, words);
      shown += entry.hidden ? 0 : 1;
    }
    for (const group of all(".group")) group.hidden = !all(".entry", group).some((entry) => !entry.hidden);
    for (const section of all("section.entries")) {
      const mine = all(".entry", section);
      const nothing = section.querySelector(".nothing");
      if (nothing) nothing.hidden = !mine.length || mine.some((entry) => !entry.hidden);
    }
    byId("shown").hidden = !narrowed;
    byId("shown-some").textContent = String(shown);
    byId("shown-all").textContent = String(entries.length);
    byId("filter-count").hidden = count === 0;
    byId("filter-count").textContent = String(count);
    for (const button of all("[data-facet]")) {
      button.setAttribute("aria-pressed", String(chosen[button.dataset.facet].has(button.dataset.value)));
    }
  };

  const clear = () => {
    search.value = "";
    for (const values of Object.values(chosen)) values.clear();
    apply();
  };

  const choose = (button) => {
    const values = chosen[button.dataset.facet];
    const value = button.dataset.value;
    const had = values.has(value);
    if ("only" in button.dataset) for (const others of Object.values(chosen)) others.clear();
    if (had) values.delete(value);
    else values.add(value);
    apply();
    if (!had && button.dataset.goto) byId(button.dataset.goto).scrollIntoView();
  };

  const arrive = () => {
    let name = location.hash.slice(1);
    try {
      name = decodeURIComponent(name);
    } catch {
      return;
    }
    const target = name && byId(name);
    if (!target) return;
    const entry = target.closest(".entry");
    if (entry && entry.hidden) clear();
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    for (const other of all(".arrived")) other.classList.remove("arrived");
    if (entry) {
      entry.classList.add("arrived");
      entry.querySelector("summary").focus({ preventScroll: true });
    }
    target.scrollIntoView();
  };

  const step = (by) => {
    const visible = entries.filter((entry) => !entry.hidden);
    if (!visible.length) return;
    const here = document.activeElement ? document.activeElement.closest(".entry") : null;
    let next = visible.indexOf(here) + by;
    if (!here) {
      const below = visible.findIndex((entry) => entry.getBoundingClientRect().top > 60);
      next = below < 0 ? visible.length - 1 : by > 0 ? below : below - 1;
    }
    const entry = visible[Math.min(Math.max(next, 0), visible.length - 1)];
    entry.querySelector("summary").focus({ preventScroll: true });
    entry.scrollIntoView({ block: "nearest" });
  };

  const panel = (open) => {
    byId("filters").hidden = !open;
    byId("filter-button").setAttribute("aria-expanded", String(open));
  };

  const escape = () => {
    const active = document.activeElement;
    if (active === search) {
      if (search.value) {
        search.value = "";
        apply();
      } else search.blur();
      return;
    }
    if (!byId("filters").hidden) {
      panel(false);
      byId("filter-button").focus();
      return;
    }
    const open = active && active.closest("details[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      escape();
      event.preventDefault();
      return;
    }
    if (event.target.matches("input, textarea, select")) return;
    if (event.key === "/") {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });
  search.addEventListener("input", apply);
  search.addEventListener("keydown", (event) => {
    const first = event.key === "Enter" && !event.isComposing && entries.find((entry) => !entry.hidden);
    if (first) {
      first.querySelector("summary").focus({ preventScroll: true });
      first.scrollIntoView({ block: "start" });
    }
  });
  byId("clear").addEventListener("click", clear);
  byId("filter-button").addEventListener("click", () => panel(byId("filters").hidden));
  for (const button of all("[data-facet]")) button.addEventListener("click", () => choose(button));
  for (const button of all("[data-language]")) {
    button.addEventListener("click", () => speak(button.dataset.language));
  }
  for (const button of all("[data-expand]")) {
    const mine = all(".entry", byId(button.dataset.expand));
    button.setAttribute("aria-pressed", String(mine.length > 0 && mine.every((entry) => entry.open)));
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(open));
      for (const entry of mine) entry.open = open;
    });
  }
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    for (const details of opened) details.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
    opened = [];
  });
  window.addEventListener("hashchange", arrive);

  const links = new Map(all(".side a").map((link) => [link.getAttribute("href").slice(1), link]));
  const watcher = new IntersectionObserver(
    (seen) => {
      for (const { target, isIntersecting } of seen) {
        const link = links.get(target.id);
        if (!link || !isIntersecting) continue;
        for (const other of links.values()) other.removeAttribute("aria-current");
        link.setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-15% 0px -75% 0px" },
  );
  for (const section of all("main > section")) watcher.observe(section);

  const wanted = new URLSearchParams(location.search).get("lang");
  if (wanted === "zh" || wanted === "en") speak(wanted);
  // The browser moves to the place itself when the page has loaded, and takes the focus away.
  if (document.readyState === "complete") arrive();
  else window.addEventListener("load", () => setTimeout(arrive));
})();
