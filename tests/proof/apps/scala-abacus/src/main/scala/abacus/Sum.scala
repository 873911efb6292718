package abacus

import scala.util.parsing.combinator.JavaTokenParsers

/** Sums with their brackets. */
object Sum extends JavaTokenParsers {
  def of(text: String): String = parseAll(sum, text) match {
    case Success(value, _) => value.bigDecimal.toPlainString
    case _                 => "no sum"
  }

  private def sum: Parser[BigDecimal] = product ~ rep("+" ~ product | "-" ~ product) ^^ { case first ~ rest =>
    rest.foldLeft(first) {
      case (found, "+" ~ value) => found + value
      case (found, _ ~ value)   => found - value
    }
  }

  private def product: Parser[BigDecimal] = part ~ rep("*" ~> part) ^^ { case first ~ rest => rest.foldLeft(first)(_ * _) }

  private def part: Parser[BigDecimal] = decimalNumber ^^ (BigDecimal(_)) | "(" ~> sum <~ ")"
}
