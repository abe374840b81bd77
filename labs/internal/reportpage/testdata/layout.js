// Finds text that can't be read: cut off, running out of its place, under other text, or too small. Needs open.js.
// Returns one line for each fault.
(() => {
	const tolerance = 1 // pixels
	const smallest = 8 // pixels
	const onPaper = matchMedia('print').matches

	const faults = []
	const pieces = []
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	while (walker.nextNode()) pieces.push(...piecesOf(walker.currentNode))
	pieces.forEach(judge)
	findOverlaps(pieces.filter(p => p.seen))
	return faults

	function scrolls(element) {
		return !onPaper && ['auto', 'scroll'].includes(getComputedStyle(element).overflowX)
	}

	// The lines of a text, measured by their ink, because the boxes of lines may overlap although the letters don't. It leaves out
	// skip links, which are to the left of the page until they have the focus.
	function piecesOf(node) {
		const text = node.data.trim()
		const element = node.parentElement
		if (text === '' || isForMachines(element)) return []
		if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return []
		const range = document.createRange()
		range.selectNodeContents(node)
		const { above, below } = marginsOf(text, getComputedStyle(element))
		return [...range.getClientRects()].filter(r => r.width > 0 && r.right > 0).map(r => ({
			text, element,
			left: r.left, right: r.right,
			top: r.top + above * r.height, bottom: r.bottom - below * r.height,
		}))
	}

	function isForMachines(element) {
		if (element.closest('script, style, title, desc, noscript, template, select')) return true
		return outwards(element).some(e => { // for screen readers only
			const box = e.getBoundingClientRect()
			return box.width <= 1 && box.height <= 1 && cutting.has(e)
		})
	}

	// The shares of a line's height that are empty above and below the text.
	function marginsOf(text, style) {
		marginsOf.canvas ??= document.createElement('canvas').getContext('2d')
		marginsOf.canvas.font = style.font
		const m = marginsOf.canvas.measureText(text)
		const height = m.fontBoundingBoxAscent + m.fontBoundingBoxDescent
		return {
			above: Math.max(0, m.fontBoundingBoxAscent - m.actualBoundingBoxAscent) / height,
			below: Math.max(0, m.fontBoundingBoxDescent - m.actualBoundingBoxDescent) / height,
		}
	}

	function judge(piece) {
		const size = parseFloat(getComputedStyle(piece.element).fontSize) * scaleOf(piece.element)
		if (size < smallest - 0.1) fault(piece, `is only ${size.toFixed(1)} px high`)

		const scrolled = outwards(piece.element).some(scrolls)
		const block = blockOf(piece.element)
		const page = { left: 0, right: document.documentElement.clientWidth }
		if (!scrolled && !within(piece, block.getBoundingClientRect())) fault(piece, `runs out of its <${block.localName}>`)
		else if (!scrolled && !within(piece, page)) fault(piece, 'runs out of the page')
		else if (isCut(piece)) fault(piece, 'is cut off')
	}

	function within(piece, box) {
		return piece.left >= box.left - tolerance && piece.right <= box.right + tolerance
	}

	// Whether something other than scrolling hides a part of the piece. First notes which part is visible.
	function isCut(piece) {
		piece.seen = { left: piece.left, right: piece.right, top: piece.top, bottom: piece.bottom }
		let cut = false
		for (const e of outwards(piece.element)) {
			if (!cutting.has(e) && !scrolls(e)) continue
			const box = e.getBoundingClientRect()
			const whole = within(piece.seen, box) &&
				piece.seen.top >= box.top - tolerance && piece.seen.bottom <= box.bottom + tolerance
			cut ||= !whole && !scrolls(e)
			piece.seen = {
				left: Math.max(piece.seen.left, box.left), right: Math.min(piece.seen.right, box.right),
				top: Math.max(piece.seen.top, box.top), bottom: Math.min(piece.seen.bottom, box.bottom),
			}
			if (piece.seen.left >= piece.seen.right || piece.seen.top >= piece.seen.bottom) {
				piece.seen = null
				return cut
			}
		}
		return cut
	}

	function outwards(element) {
		const path = []
		for (let e = element; e && e !== document.body; e = e.parentElement) path.push(e)
		return path
	}

	function scaleOf(element) {
		return element.getScreenCTM?.().a ?? 1
	}

	function blockOf(element) {
		if (element.ownerSVGElement) return element.ownerSVGElement
		let e = element
		while (getComputedStyle(e).display.startsWith('inline') && e !== document.body) e = e.parentElement
		return e
	}

	function findOverlaps(pieces) {
		pieces.sort((a, b) => a.seen.top - b.seen.top)
		for (const [i, a] of pieces.entries()) {
			for (let j = i + 1; j < pieces.length && pieces[j].seen.top < a.seen.bottom - tolerance; j++) {
				const b = pieces[j]
				const common = Math.min(a.seen.right, b.seen.right) - Math.max(a.seen.left, b.seen.left)
				const deep = Math.min(a.seen.bottom, b.seen.bottom) - b.seen.top
				if (common > tolerance && deep > tolerance) fault(a, `overlaps ${quoted(b)}`)
			}
		}
	}

	function fault(piece, what) {
		const place = piece.element.closest('[id]')?.id
		faults.push(`#${place}: ${quoted(piece)} ${what} (at ${piece.left.toFixed(0)}, ${(piece.top + scrollY).toFixed(0)})`)
	}

	function quoted(piece) {
		return JSON.stringify(piece.text.length > 60 ? piece.text.slice(0, 60) + '…' : piece.text)
	}
})()
