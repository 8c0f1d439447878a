"""The edges of Guardia: telephone, mail, browser, files, processes."""
