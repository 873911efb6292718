package abacus

import scala.io.Source
import scala.util.Using

/** Works out the sums of a file, a line each. */
object Abacus {
  def main(arguments: Array[String]): Unit = {
    if (arguments.length != 1) {
      println("usage: abacus FILE")
      sys.exit(2)
    }
    Using.resource(Source.fromFile(arguments(0), "UTF-8")) { source =>
      source.getLines().filter(_.nonEmpty).foreach(line => println(s"$line = ${Sum.of(line)}"))
    }
  }
}
