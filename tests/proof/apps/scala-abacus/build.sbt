ThisBuild / organization := "org.example"
ThisBuild / version      := "1.0"
ThisBuild / scalaVersion := "2.13.14"

lazy val abacus = (project in file("."))
  .enablePlugins(JavaAppPackaging)
  .settings(
    name := "abacus",
    libraryDependencies += "org.scala-lang.modules" %% "scala-parser-combinators" % "2.4.0",
    // nobody reads the documentation of a command
    Compile / packageDoc / mappings := Seq.empty
  )
