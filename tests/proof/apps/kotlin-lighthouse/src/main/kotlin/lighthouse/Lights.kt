package lighthouse

import java.io.File
import java.sql.DriverManager

/** The lights of the files of a folder, in a database in memory. */
class Lights(folder: File) {
    private val connection = DriverManager.getConnection("jdbc:sqlite::memory:")

    init {
        connection.createStatement().use { it.execute("CREATE TABLE light (name TEXT, character TEXT)") }
        connection.prepareStatement("INSERT INTO light VALUES (?, ?)").use { insert ->
            folder.listFiles().orEmpty().filter { it.extension == "txt" }.forEach { file ->
                insert.setString(1, file.nameWithoutExtension)
                insert.setString(2, file.readText().trim())
                insert.execute()
            }
        }
    }

    fun names(): List<String> = connection.createStatement().use { statement ->
        val rows = statement.executeQuery("SELECT name FROM light ORDER BY name")
        generateSequence { if (rows.next()) rows.getString(1) else null }.toList()
    }

    fun character(name: String): String? = connection.prepareStatement("SELECT character FROM light WHERE name = ?").use { query ->
        query.setString(1, name)
        val rows = query.executeQuery()
        if (rows.next()) rows.getString(1) else null
    }
}
