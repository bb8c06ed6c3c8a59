module csp-peers-go

go 1.24
