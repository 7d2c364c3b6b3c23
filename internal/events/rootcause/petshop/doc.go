// Package petshop reads the PetShop data set (a micro-service application under
// injected faults, Amazon Science, CC BY 4.0) and scores rankings of root
// causes on it. The data is not part of Mainstay; only benchmarks use it.
package petshop
