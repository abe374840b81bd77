// The search of labs find.
import { compute } from "./go.js";

let root;
let readdressed; // called when the URL has other words

export function setUpSearch(to, then) {
	root = to;
	readdressed = then;
	const form = document.getElementById("search");
	if (!form) return;
	form.hidden = false;
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		search(form.elements.q.value.trim());
	});
	form.elements.q.addEventListener("focus", () => compute("find", "").catch(() => {}), { once: true }); // loads it meanwhile
	const asked = new URLSearchParams(location.search).get("q");
	if (asked) {
		form.elements.q.value = asked;
		search(asked);
	}
}

async function search(words) {
	if (!words) return;
	const found = document.getElementById("found");
	found.textContent = "Searching …";
	const query = new URLSearchParams({ q: words });
	history.replaceState(null, "", `${location.pathname}?${query}`);
	readdressed();
	let matches;
	try {
		matches = await compute("find", words);
	} catch (error) {
		found.textContent = `The search can't be loaded (${error.message}). Search again to load it once more.`;
		return;
	}
	found.textContent = matches.length ? "" : "Nothing fits. Use other words or fewer.";
	const list = document.createElement("ul");
	list.className = "matches";
	for (const match of matches) {
		const item = document.createElement("li");
		const link = document.createElement("a");
		link.href = new URL(`${match.experiment}.html`, root);
		link.textContent = match.experiment.split("/")[1].replace(/^Test/, "");
		const line = document.createElement("p");
		line.textContent = match.symptom ? `${match.symptom.sees}. ${match.symptom.means}` : match.line;
		item.append(link, line);
		list.append(item);
	}
	if (matches.length) found.append(list);
}
