"""Forms that are asked at doors: a subset of XLSForm, evaluated the same way on the server and on the phone.

`form` reads and checks a form, `expressions` evaluates what it says of its questions, `answers` checks what was answered,
`table` reads a form out of a spreadsheet, `reuse` finds questions whose answer is known already. All of it is pure.
"""
