// tlscheck connects to TLS servers and holds them against a policy.
package main

import "example.org/tlscheck/cmd"

func main() { cmd.Execute() }
