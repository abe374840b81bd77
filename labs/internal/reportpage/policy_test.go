package reportpage

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/net/html"
)

// The page fits its policy. Otherwise the browser refuses its styles and scripts: it accepts only those whose hash
// is in the policy, and no styles in attributes.
func TestPolicyFitsThePage(t *testing.T) {
	page := written(t)
	policy := attribute(with(t, page, "http-equiv", "Content-Security-Policy"), "content")
	assert.True(t, strings.HasPrefix(policy, "default-src 'none';"), policy)
	for name, directive := range map[string]string{"style": "style-src ", "script": "script-src "} {
		found := all(page, name)
		if assert.Len(t, found, 1) {
			assert.Contains(t, policy, directive+hash(found[0].FirstChild.Data)+";")
		}
	}
	for _, node := range all(page, "") {
		assert.False(t, runsOrLoads(node), "%s %v would run or load something", node.Data, node.Attr)
	}
}

func runsOrLoads(node *html.Node) bool {
	switch node.Data {
	case "link", "img", "image", "iframe", "object", "embed", "base", "use", "foreignobject":
		return true
	}
	for _, a := range node.Attr {
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "srcset" ||
			a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
			return true
		}
	}
	return false
}
