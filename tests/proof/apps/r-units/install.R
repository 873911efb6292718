# The packages of the service.
options(repos = NULL)
install.packages("vendor/unitconv", repos = NULL, type = "source")
