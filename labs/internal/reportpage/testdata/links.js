// Finds links within the page that lead nowhere, and links that leave it. Returns one line for each.
[...document.querySelectorAll('a[href]')].flatMap(link => {
	const href = link.getAttribute('href')
	const inPage = href.startsWith('#') && (href === '#' || document.getElementById(decodeURIComponent(href.slice(1))))
	return inPage ? [] : [`${link.textContent.trim()}: ${href}`]
})
