"use strict";

// A segment of a picture shows its fields when a reader points at it, taps it, or moves to it by the arrow keys. That also works
// in pictures that are added later, and it continues when a growing picture is drawn again.

const popover = document.createElement("div");
popover.className = "popover";
popover.setAttribute("role", "status");
popover.hidden = true;
document.body.append(popover);

let chosen = null;
let stays = false; // whether the popover stays when the pointer leaves
let seen = null; // the element around the picture of the chosen segment
let place = -1; // index of the chosen segment in its picture

const segmentsIn = (seen) => [...seen.querySelectorAll(".segment")];

// fieldsOf takes the fields of a segment from its title, so that the browser does not show them a second time.
function fieldsOf(segment) {
	const title = segment.querySelector("title");
	if (title) {
		segment.dataset.fields = title.textContent;
		title.remove();
	}
	return segment.dataset.fields;
}

function show(segment, stay) {
	hide();
	chosen = segment;
	stays = stay;
	seen = segment.closest(".seen");
	place = segmentsIn(seen).indexOf(segment);
	chosen.classList.add("chosen");
	popover.textContent = fieldsOf(segment);
	popover.hidden = false;
	popover.style.left = 0; // so that its width does not depend on its place
	const at = segment.getBoundingClientRect();
	const room = document.documentElement.clientWidth - popover.offsetWidth - 8;
	popover.style.left = Math.max(8, Math.min(at.left, room)) + scrollX + "px";
	popover.style.top = at.bottom + 6 + scrollY + "px";
}

function hide() {
	chosen?.classList.remove("chosen");
	chosen = null;
	popover.hidden = true;
}

addEventListener("pointerover", (event) => {
	if (chosen && stays) return;
	const segment = event.target.closest(".segment");
	if (segment) show(segment, false);
	else hide();
});

addEventListener("click", (event) => {
	const segment = event.target.closest(".segment");
	if (segment && !(segment === chosen && stays)) show(segment, true);
	else hide();
});

// walk moves to the segment before or after the chosen one, in the picture that has the focus.
function walk(seen, step) {
	const segments = segmentsIn(seen);
	const next = segments[segments.indexOf(chosen) + step] ?? segments[step > 0 ? 0 : segments.length - 1];
	if (!next) return;
	next.scrollIntoView({ block: "nearest" });
	show(next, true);
}

addEventListener("keydown", (event) => {
	if (event.ctrlKey || event.altKey || event.metaKey) return;
	const inPicture = event.target.closest(".seen");
	const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
	if (inPicture && step) walk(inPicture, step);
	else if (event.key === "Escape" && chosen) hide();
	else return;
	event.preventDefault();
});

addEventListener("focusout", (event) => {
	if (event.target.matches(".seen")) hide();
});

// When a picture is drawn again, the chosen segment is the one with the same index. If the picture is gone, no fields are shown.
new MutationObserver(() => {
	if (!chosen || chosen.isConnected) return;
	const again = seen.isConnected && segmentsIn(seen)[place];
	if (again) show(again, stays);
	else hide();
}).observe(document.body, { childList: true, subtree: true });
