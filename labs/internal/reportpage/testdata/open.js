// Opens every part of the page, and has all of it drawn: what has not been drawn yet has no size. Notes first which
// elements cut off what is too large for them, as drawing it ends that.
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
