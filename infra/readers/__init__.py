"""Files that are no plain text lists (workbooks, business cards, directories), turned into a list of rows.

They are opened in a child process of their own with little memory and little time (`child`), never in a server's or a
worker's. What comes out is a file of rows (`rows`) that the rest of the house reads as it reads CSV.
"""
