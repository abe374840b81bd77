// Finds pictures that are empty, or that have parts outside of their visible area. Needs open.js. Returns one line for
// each.
(() => {
	const tolerance = 1
	const faults = []
	for (const picture of document.querySelectorAll('svg[viewBox]')) {
		const name = picture.closest('[id]')?.id
		const drawn = picture.getBBox()
		const shown = picture.viewBox.baseVal
		const place = picture.getBoundingClientRect()
		if (drawn.width === 0 || drawn.height === 0 || place.width === 0 || place.height === 0) {
			faults.push(`#${name}: nothing is drawn`)
		} else if (drawn.x < shown.x - tolerance || drawn.x + drawn.width > shown.x + shown.width + tolerance ||
			drawn.y < shown.y - tolerance || drawn.y + drawn.height > shown.y + shown.height + tolerance) {
			faults.push(`#${name}: drawn is ${inWords(drawn)}, and shown ${inWords(shown)}`)
		}
	}
	return faults

	function inWords(box) {
		return `x ${box.x.toFixed()} to ${(box.x + box.width).toFixed()}, y ${box.y.toFixed()} to ${(box.y + box.height).toFixed()}`
	}
})()
