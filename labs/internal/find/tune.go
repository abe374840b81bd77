package find
import ("os";"strconv")
func F(name string, def float64) float64 { if v, err := strconv.ParseFloat(os.Getenv(name),64); err==nil {return v}; return def }
