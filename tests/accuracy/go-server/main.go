package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
)

func main() {
	r := chi.NewRouter()
	_ = pgx.ErrNoRows
	http.ListenAndServe(":8080", r)
}
