// What the site's pages do. Links between them are followed without leaving the page, so that its machine goes on.
import "./picture.js";
import { setUpRun } from "./run.js";
import { setUpSearch } from "./search.js";
import { showScore } from "./score.js";
import { setUpSettings } from "./settings.js";

const root = new URL("../", import.meta.url);

function setUp() {
	const here = location.href.split(/[#?]/)[0].replace(/\/$/, "/index.html"); // as hosts show it, too
	for (const link of document.querySelectorAll(".bar a")) {
		if (link.href === here) link.setAttribute("aria-current", "page");
		else link.removeAttribute("aria-current");
	}
	showScore();
	setUpSearch(root);
	setUpRun();
	setUpSettings();
}

// follow shows another page of the site in place of this one.
async function follow(address, remember) {
	const url = new URL(address);
	let text;
	try {
		const answer = await fetch(url);
		if (!answer.ok) throw new Error(answer.status);
		text = await answer.text();
	} catch {
		location.href = address; // the browser says what is wrong
		return;
	}
	const other = new DOMParser().parseFromString(text, "text/html");
	if (remember) history.pushState(null, "", address);
	document.title = other.title;
	document.querySelector(".bar").replaceWith(other.querySelector(".bar")); // its links are relative, as all are
	document.querySelector("main").replaceWith(other.querySelector("main"));
	setUp();
	const to = url.hash && document.getElementById(decodeURIComponent(url.hash.slice(1)));
	if (to) {
		for (let e = to; e; e = e.parentElement) if (e.localName === "details") e.open = true;
		to.scrollIntoView();
	} else {
		scrollTo(0, 0);
		document.querySelector("main").focus({ preventScroll: true });
	}
}

addEventListener("click", (event) => {
	const link = event.target.closest("a[href]");
	if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
	const url = new URL(link.href);
	const isHere = url.pathname === location.pathname;
	if (!url.href.startsWith(root.href) || (isHere && url.hash)) return;
	event.preventDefault();
	follow(link.href, true);
});

let shown = location.pathname;
addEventListener("popstate", () => {
	if (location.pathname !== shown) follow(location.href, false);
	shown = location.pathname;
});

setUp();
if ("serviceWorker" in navigator) navigator.serviceWorker.register(new URL("worker.js", root)).catch(() => {}); // without it, there is no use offline
