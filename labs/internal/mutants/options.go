package main

import (
	"go/ast"
	"go/types"
	"regexp"
)

// option is a place in a source that sets an option of a socket: a call, or a value in a literal.
type option struct {
	text       string
	expression ast.Expr // what the mutant removes: the function that is called, or the value
	helper     string   // the function of the mutated package that removes it
}

// setters are the functions that set an option of a socket, or of the system.
var setters = regexp.MustCompile(`^(Setsockopt.*|Set(|Read|Write)Deadline|SetKeepAlive(|Config|Period)|SetLinger|SetNoDelay|` +
	`Set(Read|Write)Buffer|SetMultipathTCP|SetSystemSetting)$`)

// A helper removes its argument if the process is that mutant. For constants, it needs their type.
const (
	dropCall     = "mutantCall"
	dropValue    = "mutantValue"
	dropDuration = "mutantValue[mutantDuration]"
	dropInt      = "mutantValue[int]"
	dropBool     = "mutantValue[bool]"
)

// fields are the fields of struct types that are options.
var fields = map[string]map[string]string{
	"net.Dialer": {
		"Timeout": dropDuration, "Deadline": dropValue, "KeepAlive": dropDuration, "KeepAliveConfig": dropValue,
		"Control": dropValue, "ControlContext": dropValue,
	},
	"net.ListenConfig":    {"Control": dropValue, "KeepAlive": dropDuration, "KeepAliveConfig": dropValue},
	"net.KeepAliveConfig": {"Enable": dropBool, "Idle": dropDuration, "Interval": dropDuration, "Count": dropInt},
	"http.Client":         {"Timeout": dropDuration},
	"http.Server": {
		"ReadTimeout": dropDuration, "ReadHeaderTimeout": dropDuration, "WriteTimeout": dropDuration, "IdleTimeout": dropDuration,
	},
	"http.Transport": {
		"ResponseHeaderTimeout": dropDuration, "TLSHandshakeTimeout": dropDuration,
		"ExpectContinueTimeout": dropDuration, "IdleConnTimeout": dropDuration,
	},
}

// optionsOf lists the options that node sets, in the order of the source.
func optionsOf(node ast.Node) []option {
	var found []option
	elided := make(map[ast.Expr]ast.Expr) // the types of literals that are written without their type
	ast.Inspect(node, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			found = append(found, calledIn(n)...)
		case *ast.AssignStmt:
			found = append(found, assignedIn(n)...)
		case *ast.CompositeLit:
			of := n.Type
			if of == nil {
				of = elided[n]
			}
			found = append(found, namedIn(n, of)...)
			for _, inner := range n.Elts {
				if pair, ok := inner.(*ast.KeyValueExpr); ok {
					inner = pair.Value
				}
				elided[inner] = elementOf(of)
			}
		}
		return true
	})
	return found
}

func calledIn(call *ast.CallExpr) []option {
	called, ok := call.Fun.(*ast.SelectorExpr)
	switch {
	case !ok:
		return nil
	case setters.MatchString(called.Sel.Name):
		return []option{{types.ExprString(call), called, dropCall}}
	case types.ExprString(called) == "net.DialTimeout" && len(call.Args) == 3:
		return []option{{types.ExprString(call), call.Args[2], dropDuration}}
	}
	return nil
}

// assignedIn finds dialer.Control = func….
func assignedIn(assign *ast.AssignStmt) []option {
	to, ok := assign.Lhs[0].(*ast.SelectorExpr)
	if !ok || len(assign.Rhs) != 1 || to.Sel.Name != "Control" && to.Sel.Name != "ControlContext" {
		return nil
	}
	value := assign.Rhs[0]
	if len(optionsOf(value)) > 0 {
		return nil // these options are found on their own
	}
	return []option{{types.ExprString(to) + " = " + types.ExprString(value), value, dropValue}}
}

// namedIn finds the options among the fields of a literal of a struct type.
func namedIn(literal *ast.CompositeLit, of ast.Expr) []option {
	var found []option
	for _, element := range literal.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		name, value := types.ExprString(pair.Key), types.ExprString(pair.Value)
		helper, isOption := fields[nameOf(of)][name]
		if !isOption || value == "false" || len(optionsOf(pair.Value)) > 0 { // the zero value; or its own options are found
			continue
		}
		found = append(found, option{nameOf(of) + "{" + name + ": " + value + "}", pair.Value, helper})
	}
	return found
}

// nameOf is the name of a type, or of the type that a pointer points to.
func nameOf(of ast.Expr) string {
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	if of == nil {
		return ""
	}
	return types.ExprString(of)
}

func elementOf(of ast.Expr) ast.Expr {
	switch of := of.(type) {
	case *ast.ArrayType:
		return of.Elt
	case *ast.MapType:
		return of.Value
	}
	return nil
}
