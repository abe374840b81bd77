// Unfolds every part of the page, and makes the browser draw all of it, because elements that were not drawn have no size.
// First notes which elements cut off their contents, because drawing everything ends that.
(() => {
	window.cutting = new Set([...document.querySelectorAll('*')].filter(element => {
		const style = getComputedStyle(element)
		return ['hidden', 'clip'].includes(style.overflowX) || style.contentVisibility === 'auto' || style.contain.includes('paint')
	}))
	const drawn = new CSSStyleSheet()
	drawn.replaceSync('* { content-visibility: visible !important }')
	document.adoptedStyleSheets.push(drawn)
	for (const details of document.querySelectorAll('details')) details.open = true
})()
