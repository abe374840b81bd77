// What axe-core finds wrong with the page as it is. Returns one line for each element.
axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(
	v => v.nodes.map(n => `${v.impact}: ${v.id}: ${v.help}: ${n.target.join(' ')}: ${n.html.slice(0, 200)}`)))
