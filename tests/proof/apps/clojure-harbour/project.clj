(defproject harbour "1.0.0"
  :description "Tides of a few harbours"
  :dependencies [[org.clojure/clojure "1.11.1"]]
  :main harbour.core
  :aot [harbour.core]
  :uberjar-name "harbour.jar")
