module socketlabs

go 1.26.0
