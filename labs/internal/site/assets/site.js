// The script of the site's pages. A link to another page replaces the contents of the document, so that its machine continues.
import "./picture.js";
import "./visit.js";
import { setUpRun } from "./run.js";
import { setUpSearch } from "./search.js";
import { setUpScore } from "./score.js";
import { setUpSettings } from "./settings.js";

const root = new URL("../", import.meta.url);

// shown is the URL of the current page, without the fragment, which is an anchor or settings.
const pageOf = ({ pathname, search }) => pathname + search;
let shown = pageOf(location);

function setUp() {
	const here = location.href.split(/[#?]/)[0].replace(/\/$/, "/index.html"); // hosts serve both under the same URL
	for (const link of document.querySelectorAll(".bar a")) {
		if (link.href === here) link.setAttribute("aria-current", "page");
		else link.removeAttribute("aria-current");
	}
	setUpScore(() => follow(location.href, false));
	setUpSearch(root, () => (shown = pageOf(location)));
	setUpRun();
	setUpSettings();
}

let follows = 0;

// follow shows another page of the site in place of this one, unless another link is followed before the page has come.
async function follow(address, remember) {
	const number = ++follows;
	const url = new URL(address);
	let text;
	try {
		const answer = await fetch(url);
		if (!answer.ok) throw new Error(answer.status);
		text = await answer.text();
	} catch {
		if (number === follows) location.href = address; // then the browser shows the error
		return;
	}
	if (number !== follows) return;
	const other = new DOMParser().parseFromString(text, "text/html");
	if (remember) history.pushState(null, "", address);
	shown = pageOf(url);
	document.title = other.title;
	document.querySelector(".bar").replaceWith(other.querySelector(".bar")); // because its links are relative
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
	if (!url.href.startsWith(root.href) || (url.hash && pageOf(url) === shown)) return;
	event.preventDefault();
	follow(link.href, true);
});

addEventListener("popstate", () => {
	if (pageOf(location) !== shown) follow(location.href, false);
	else follows++; // a page that is still loading is no longer wanted
});

setUp();
