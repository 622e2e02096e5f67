<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About NoiseLens</source>
        <translation>Über NoiseLens</translation>
    </message>
    <message>
        <source>Checks images for AI generation on your own computer. Nothing is sent.</source>
        <translation>Prüft auf dem eigenen Rechner, ob Bilder von KI erzeugt sind. Nichts wird verschickt.</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>Modellkarte</translation>
    </message>
    <message>
        <source>Licences</source>
        <translation>Lizenzen</translation>
    </message>
    <message>
        <source>The detector</source>
        <translation>Der Detektor</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>There is no model card beside this detector.</source>
        <translation>Zu diesem Detektor gibt es keine Modellkarte.</translation>
    </message>
    <message>
        <source>NoiseLens and its detector: Apache-2.0.</source>
        <translation>NoiseLens und sein Detektor: Apache-2.0.</translation>
    </message>
    <message>
        <source>First the packages it needs, then the frozen encoder, which is CLIP&apos;s, and the samples.</source>
        <translation>Zuerst die Pakete, die es braucht, dann der eingefrorene Encoder, der von CLIP stammt, und die Beispiele.</translation>
    </message>
</context>
<context>
    <name>AnswerBar</name>
    <message>
        <source>This is real</source>
        <translation>Das ist echt</translation>
    </message>
    <message>
        <source>This is generated</source>
        <translation>Das ist generiert</translation>
    </message>
    <message>
        <source>Kept on this computer, for training a detector of your own. Press again to take it back.</source>
        <translation>Bleibt auf diesem Rechner, um einen eigenen Detektor zu trainieren. Noch einmal drücken nimmt es zurück.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy the verdict as text</source>
        <translation>Das Urteil als Text kopieren</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Save a report and the overlays</source>
        <translation>Bericht und Überlagerungen speichern</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Open the folder that holds the file</source>
        <translation>Den Ordner öffnen, in dem die Datei liegt</translation>
    </message>
    <message>
        <source>Do you know what it is?</source>
        <translation>Wissen Sie, was es ist?</translation>
    </message>
</context>
<context>
    <name>App</name>
    <message>
        <source>Older than {0} days and deleted from the history: {1}.</source>
        <translation>Älter als {0} Tage und aus dem Verlauf gelöscht: {1}.</translation>
    </message>
    <message>
        <source>From your browser: “{0}”, {1}.</source>
        <translation>Aus Ihrem Browser: „{0}“, {1}.</translation>
    </message>
    <message>
        <source>“{0}” is checked. Images: {1}, likely generated: {2}.</source>
        <translation>„{0}“ ist geprüft. Bilder: {1}, wahrscheinlich generiert: {2}.</translation>
    </message>
</context>
<context>
    <name>BatchJob</name>
    <message>
        <source>There is no image in that folder. Choose one that holds images.</source>
        <translation>In diesem Ordner ist kein Bild. Wählen Sie einen, der Bilder enthält.</translation>
    </message>
</context>
<context>
    <name>BatchPage</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>Generiert</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>Images of the batch</source>
        <translation>Bilder des Stapels</translation>
    </message>
    <message>
        <source>Search names and folders</source>
        <translation>Name oder Ordner</translation>
    </message>
    <message>
        <source>Check a folder…</source>
        <translation>Ordner prüfen…</translation>
    </message>
    <message>
        <source>Save results</source>
        <translation>Ergebnisse speichern</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>Leeren</translation>
    </message>
    <message>
        <source>Forget the results of this batch; the files are not touched</source>
        <translation>Die Ergebnisse dieses Stapels vergessen; die Dateien bleiben unberührt</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Progress of the batch</source>
        <translation>Fortschritt des Stapels</translation>
    </message>
    <message>
        <source>Check a whole folder</source>
        <translation>Einen ganzen Ordner prüfen</translation>
    </message>
    <message>
        <source>Choose a folder, or drop one here. Every image in it, and in the folders below it, is checked on this computer. You can pause at any time and go on another day.</source>
        <translation>Wählen Sie einen Ordner oder ziehen Sie einen hierher. Jedes Bild darin und in den Ordnern darunter wird auf diesem Rechner geprüft. Sie können jederzeit anhalten und an einem anderen Tag weitermachen.</translation>
    </message>
    <message>
        <source>Check a folder</source>
        <translation>Ordner prüfen</translation>
    </message>
    <message>
        <source>The batch at hand is not at its end. Begin another in its place?</source>
        <translation>Der laufende Stapel ist noch nicht fertig. Stattdessen einen anderen beginnen?</translation>
    </message>
    <message>
        <source>Begin another</source>
        <translation>Anderen beginnen</translation>
    </message>
    <message>
        <source>Keep this one</source>
        <translation>Diesen behalten</translation>
    </message>
    <message>
        <source>Forgot the results of the batch. Your image files are not touched.</source>
        <translation>Die Ergebnisse des Stapels sind vergessen. Ihre Bilddateien bleiben unberührt.</translation>
    </message>
    <message>
        <source>Saved {0}.</source>
        <translation>{0} ist gespeichert.</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Weitermachen</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Looking through the folder…</source>
        <translation>Der Ordner wird durchgesehen…</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>{0} images/s</source>
        <translation>{0} Bilder/s</translation>
    </message>
    <message>
        <source>getting ready</source>
        <translation>wird vorbereitet</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>All {0} images checked</source>
        <translation>Alle {0} Bilder geprüft</translation>
    </message>
    <message>
        <source>CSV table…</source>
        <translation>CSV-Tabelle…</translation>
    </message>
    <message>
        <source>JSON lines…</source>
        <translation>JSON-Zeilen…</translation>
    </message>
    <message>
        <source>HTML report…</source>
        <translation>HTML-Bericht…</translation>
    </message>
    <message>
        <source>PDF…</source>
        <translation>PDF…</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Stapel</translation>
    </message>
</context>
<context>
    <name>Browsers</name>
    <message>
        <source>Pair a browser…</source>
        <translation>Browser koppeln…</translation>
    </message>
    <message>
        <source>No browser is paired yet. With the extension a right click on an image has it checked here.</source>
        <translation>Noch ist kein Browser gekoppelt. Mit der Erweiterung lässt ein Rechtsklick ein Bild hier prüfen.</translation>
    </message>
    <message>
        <source>Name of the browser</source>
        <translation>Name des Browsers</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>Forget {0}</source>
        <translation>{0} vergessen</translation>
    </message>
    <message>
        <source>paired {0}</source>
        <translation>gekoppelt am {0}</translation>
    </message>
    <message>
        <source>“{0}” is forgotten, and not answered any more. To undo this makes its old key valid again.</source>
        <translation>„{0}“ ist vergessen und bekommt keine Antwort mehr. Rückgängig gemacht, gilt sein alter Schlüssel wieder.</translation>
    </message>
</context>
<context>
    <name>ByCode</name>
    <message>
        <source>Pair with a code</source>
        <translation>Mit einem Code koppeln</translation>
    </message>
    <message>
        <source>They differ</source>
        <translation>Sie sind verschieden</translation>
    </message>
    <message>
        <source>The codes are the same</source>
        <translation>Die Codes sind gleich</translation>
    </message>
    <message>
        <source>Not paired. Codes that differ mean that another program is in between: close other programs, then begin again.</source>
        <translation>Nicht gekoppelt. Verschiedene Codes bedeuten, dass ein anderes Programm dazwischen ist: Schließen Sie andere Programme und beginnen Sie neu.</translation>
    </message>
    <message>
        <source>Now press “Show the code” in the extension&apos;s options. {0} s left.</source>
        <translation>Drücken Sie jetzt „Code zeigen“ in den Einstellungen der Erweiterung. Noch {0} s.</translation>
    </message>
    <message>
        <source>“{0}” wants to be paired. Does it show this code?</source>
        <translation>„{0}“ möchte gekoppelt werden. Zeigt er diesen Code?</translation>
    </message>
    <message>
        <source>Now say the same in the browser. {0} s left.</source>
        <translation>Bestätigen Sie das jetzt auch im Browser. Noch {0} s.</translation>
    </message>
    <message>
        <source>“{0}” is paired.</source>
        <translation>„{0}“ ist gekoppelt.</translation>
    </message>
    <message>
        <source>Two minutes are over and no browser was paired. Begin again when it is ready.</source>
        <translation>Zwei Minuten sind um, und kein Browser wurde gekoppelt. Beginnen Sie neu, wenn er bereit ist.</translation>
    </message>
    <message>
        <source>Three browsers tried and none was paired. Begin again.</source>
        <translation>Drei Browser haben es versucht, keiner wurde gekoppelt. Beginnen Sie neu.</translation>
    </message>
    <message>
        <source>The browser and NoiseLens show the same six digits, and you compare them. Works everywhere.</source>
        <translation>Browser und NoiseLens zeigen dieselben sechs Ziffern, und Sie vergleichen sie. Geht überall.</translation>
    </message>
</context>
<context>
    <name>Capture</name>
    <message>
        <source>This desktop lets no app read the screen. Copy a part of it with the system&apos;s own tool, then paste it.</source>
        <translation>Auf diesem Rechner darf kein Programm den Bildschirm lesen. Kopieren Sie einen Ausschnitt mit dem Werkzeug des Systems und fügen Sie ihn ein.</translation>
    </message>
    <message>
        <source>The screen could not be read. Copy a part of it with the system&apos;s own tool, then paste it.</source>
        <translation>Der Bildschirm konnte nicht gelesen werden. Kopieren Sie einen Ausschnitt mit dem Werkzeug des Systems und fügen Sie ihn ein.</translation>
    </message>
</context>
<context>
    <name>CheckPage</name>
    <message>
        <source>Loading the detector…</source>
        <translation>Der Detektor wird geladen…</translation>
    </message>
    <message>
        <source>Folders are checked on the Batch page.</source>
        <translation>Ordner werden auf der Seite „Stapel“ geprüft.</translation>
    </message>
    <message>
        <source>Check them</source>
        <translation>Dort prüfen</translation>
    </message>
    <message>
        <source>Open images</source>
        <translation>Bilder öffnen</translation>
    </message>
    <message>
        <source>Images ({0});;All files (*)</source>
        <translation>Bilder ({0});;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>“{0}” will not be judged.</source>
        <translation>„{0}“ wird nicht beurteilt.</translation>
    </message>
    <message>
        <source>Deleted “{0}”.</source>
        <translation>„{0}“ gelöscht.</translation>
    </message>
    <message>
        <source>Images that are no longer at hand are left out.</source>
        <translation>Bilder, die nicht mehr zur Hand sind, werden ausgelassen.</translation>
    </message>
    <message>
        <source>{0} Until then {1} judges.</source>
        <translation>{0} Bis dahin urteilt {1}.</translation>
    </message>
    <message>
        <source>From your browser: “{0}”, {1}.</source>
        <translation>Aus Ihrem Browser: „{0}“, {1}.</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Part of the screen.png</source>
        <translation>Bildschirmausschnitt.png</translation>
    </message>
</context>
<context>
    <name>CompareDialog</name>
    <message>
        <source>Compare on a folder</source>
        <translation>An einem Ordner vergleichen</translation>
    </message>
    <message>
        <source>Images that change</source>
        <translation>Bilder mit anderem Urteil</translation>
    </message>
    <message>
        <source>Progress of the comparison</source>
        <translation>Fortschritt des Vergleichs</translation>
    </message>
    <message>
        <source>Loading both detectors…</source>
        <translation>Beide Detektoren werden geladen…</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>{0}  →  {1}</source>
        <translation>{0}  →  {1}</translation>
    </message>
    <message>
        <source>Of {0} images {1} change their verdict.</source>
        <translation>Von {0} Bildern bekommen {1} ein anderes Urteil.</translation>
    </message>
    <message>
        <source>Not read: {0}.</source>
        <translation>Nicht gelesen: {0}.</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>First image</source>
        <translation>Erstes Bild</translation>
    </message>
    <message>
        <source>Second image</source>
        <translation>Zweites Bild</translation>
    </message>
    <message>
        <source>Choose the other image in the list.</source>
        <translation>Wählen Sie das andere Bild in der Liste.</translation>
    </message>
</context>
<context>
    <name>Core</name>
    <message>
        <source>{0} of {1} places looked at lean towards generated.</source>
        <translation>{0} von {1} betrachteten Stellen neigen zu „generiert“.</translation>
    </message>
    <message>
        <source>{0} of {1} places looked at lean towards real.</source>
        <translation>{0} von {1} betrachteten Stellen neigen zu „echt“.</translation>
    </message>
    <message>
        <source>The places contradict each other, so no side is taken.</source>
        <translation>Die Stellen widersprechen einander, darum bleibt das Urteil offen.</translation>
    </message>
    <message>
        <source>A re-encoded copy of the same picture gets another answer, so no side is taken.</source>
        <translation>Eine neu kodierte Kopie desselben Bildes ergibt etwas anderes, darum bleibt das Urteil offen.</translation>
    </message>
    <message>
        <source>The score lies where real and generated images overlap.</source>
        <translation>Der Wert liegt dort, wo sich echte und generierte Bilder überschneiden.</translation>
    </message>
    <message>
        <source>A re-encoded copy gets the same answer.</source>
        <translation>Eine neu kodierte Kopie ergibt dasselbe.</translation>
    </message>
    <message>
        <source>The image is under {0} px on a side: too small to judge.</source>
        <translation>Das Bild misst an einer Seite unter {0} px: zu klein für ein Urteil.</translation>
    </message>
    <message>
        <source>The image is almost empty: there is too little in it to judge.</source>
        <translation>Das Bild ist fast leer: Es enthält zu wenig für ein Urteil.</translation>
    </message>
    <message>
        <source>Large areas are perfectly flat, as in screenshots and drawings: judged with less certainty.</source>
        <translation>Große Flächen sind völlig eben, wie in Bildschirmfotos und Zeichnungen: Das Urteil ist weniger sicher.</translation>
    </message>
    <message>
        <source>The file is heavily compressed: fine structure that tells the two apart may be lost.</source>
        <translation>Die Datei ist stark komprimiert: Feine Strukturen, die beides unterscheiden, können verloren sein.</translation>
    </message>
    <message>
        <source>NoiseLens judges the picture as a whole; it is not made to find small local edits or swapped faces.</source>
        <translation>NoiseLens beurteilt das Bild als Ganzes; kleine örtliche Änderungen oder vertauschte Gesichter zu finden ist nicht seine Aufgabe.</translation>
    </message>
    <message>
        <source>The image is {0} x {1} px, {2} Mpx; NoiseLens decodes {3} up to {4} Mpx. Resize it first.</source>
        <translation>Das Bild hat {0} × {1} px, {2} Mpx; NoiseLens liest {3} bis {4} Mpx. Verkleinern Sie es zuerst.</translation>
    </message>
    <message>
        <source>{0} images are read from files only. Save the image and open it in NoiseLens.</source>
        <translation>{0}-Bilder werden nur aus Dateien gelesen. Speichern Sie das Bild und öffnen Sie es in NoiseLens.</translation>
    </message>
    <message>
        <source>The image is {0} x {1} px; sides from {2} to {3} px are read. Use another version of it.</source>
        <translation>Das Bild hat {0} × {1} px; gelesen werden Seiten von {2} bis {3} px. Nehmen Sie eine andere Fassung.</translation>
    </message>
    <message>
        <source>{0} cannot be opened. Check that the file exists and that you may read it.</source>
        <translation>{0} lässt sich nicht öffnen. Prüfen Sie, ob es die Datei gibt und ob Sie sie lesen dürfen.</translation>
    </message>
    <message>
        <source>The image is damaged or cut short. Save or download it again.</source>
        <translation>Das Bild ist beschädigt oder unvollständig. Speichern Sie es noch einmal oder laden Sie es neu herunter.</translation>
    </message>
    <message>
        <source>The part that decodes images cannot work now; memory may be short. Close programs and try again.</source>
        <translation>Der Teil, der Bilder dekodiert, kann gerade nicht arbeiten; vielleicht ist der Speicher knapp. Schließen Sie andere Programme und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The file is empty. Save or download the image again.</source>
        <translation>Die Datei ist leer. Speichern Sie das Bild noch einmal oder laden Sie es neu herunter.</translation>
    </message>
    <message>
        <source>The file is over {0} MiB. Use a smaller version.</source>
        <translation>Die Datei ist größer als {0} MiB. Nehmen Sie eine kleinere Fassung.</translation>
    </message>
    <message>
        <source>NoiseLens does not read this kind of file. Save it as PNG, JPEG or WebP first.</source>
        <translation>Diese Art von Datei liest NoiseLens nicht. Speichern Sie sie zuerst als PNG, JPEG oder WebP.</translation>
    </message>
    <message>
        <source>Decoding takes more memory than NoiseLens allows. Resize the image first.</source>
        <translation>Das Dekodieren braucht mehr Speicher, als NoiseLens erlaubt. Verkleinern Sie das Bild zuerst.</translation>
    </message>
    <message>
        <source>Decoding took too long and was stopped. Save the image again as PNG or JPEG.</source>
        <translation>Das Dekodieren dauerte zu lange und wurde abgebrochen. Speichern Sie das Bild neu als PNG oder JPEG.</translation>
    </message>
    <message>
        <source>It is not a file. Save the image as a file first.</source>
        <translation>Das ist keine Datei. Speichern Sie das Bild zuerst als Datei.</translation>
    </message>
    <message>
        <source>The folder may not be read. Give yourself the right to read it, then try again.</source>
        <translation>Der Ordner darf nicht gelesen werden. Geben Sie sich das Recht dazu und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The folder holds no image NoiseLens reads. Name the files themselves to try them anyway.</source>
        <translation>Der Ordner enthält kein Bild, das NoiseLens liest. Nennen Sie die Dateien selbst, um es trotzdem zu versuchen.</translation>
    </message>
    <message>
        <source>These facts can be removed or forged; they do not change the verdict.</source>
        <translation>Diese Angaben lassen sich entfernen oder erfinden; sie ändern das Urteil nicht.</translation>
    </message>
    <message>
        <source>The file says nothing of its origin, as most images from the web.</source>
        <translation>Die Datei sagt nichts über ihre Herkunft, wie die meisten Bilder aus dem Netz.</translation>
    </message>
    <message>
        <source>Said by whoever signed the Content Credentials.</source>
        <translation>Angabe dessen, der die Content Credentials signiert hat.</translation>
    </message>
    <message>
        <source>The signature fits this very file, and its signer is on your list of trusted signers.</source>
        <translation>Die Signatur passt genau zu dieser Datei, und wer signiert hat, steht auf Ihrer Liste vertrauter Unterzeichner.</translation>
    </message>
    <message>
        <source>The signature fits this very file, but the signer is on no list NoiseLens has: anybody can sign like this.</source>
        <translation>Die Signatur passt genau zu dieser Datei, doch wer signiert hat, steht auf keiner Liste von NoiseLens: So kann jeder signieren.</translation>
    </message>
    <message>
        <source>The file was changed after it was signed, so nothing its credentials claim is shown.</source>
        <translation>Die Datei wurde nach dem Signieren verändert, darum wird nichts gezeigt, was ihre Angaben behaupten.</translation>
    </message>
    <message>
        <source>The signature does not hold, so nothing its credentials claim is shown.</source>
        <translation>Die Signatur hält nicht stand, darum wird nichts gezeigt, was die Angaben behaupten.</translation>
    </message>
    <message>
        <source>There are credentials in the file that could not be read.</source>
        <translation>In der Datei stehen Angaben, die sich nicht lesen ließen.</translation>
    </message>
    <message>
        <source>The file names this address for its credentials; NoiseLens fetches nothing, so they were not checked.</source>
        <translation>Die Datei nennt diese Adresse für ihre Angaben; NoiseLens ruft nichts ab, darum wurden sie nicht geprüft.</translation>
    </message>
    <message>
        <source>The name in the signer&apos;s certificate.</source>
        <translation>Der Name im Zertifikat dessen, der signiert hat.</translation>
    </message>
    <message>
        <source>The time in the signature.</source>
        <translation>Die Zeit in der Signatur.</translation>
    </message>
    <message>
        <source>How the picture came about, in the words of the IPTC standard; unsigned, so anybody can write it.</source>
        <translation>Wie das Bild entstand, in den Worten des IPTC-Standards; nicht signiert, also kann es jeder hineinschreiben.</translation>
    </message>
    <message>
        <source>The generator the file names; unsigned, so anybody can write it.</source>
        <translation>Der Generator, den die Datei nennt; nicht signiert, also kann es jeder hineinschreiben.</translation>
    </message>
    <message>
        <source>Programs for Stable Diffusion write the prompt and settings of what they generate here.</source>
        <translation>Programme für Stable Diffusion schreiben hier Prompt und Einstellungen des Erzeugten hin.</translation>
    </message>
    <message>
        <source>ComfyUI writes the steps that made a generated image here.</source>
        <translation>ComfyUI schreibt hier die Schritte hin, aus denen ein Bild entstand.</translation>
    </message>
    <message>
        <source>InvokeAI writes the prompt and settings of what it generates here.</source>
        <translation>InvokeAI schreibt hier Prompt und Einstellungen des Erzeugten hin.</translation>
    </message>
    <message>
        <source>NovelAI writes the prompt and settings of what it generates here.</source>
        <translation>NovelAI schreibt hier Prompt und Einstellungen des Erzeugten hin.</translation>
    </message>
    <message>
        <source>Midjourney writes its prompt and job number here.</source>
        <translation>Midjourney schreibt hier Prompt und Auftragsnummer hin.</translation>
    </message>
    <message>
        <source>Cameras and phones write their name; anybody can copy it into another file.</source>
        <translation>Kameras und Telefone schreiben ihren Namen hinein; jeder kann ihn in eine andere Datei kopieren.</translation>
    </message>
    <message>
        <source>Cameras write the lens they see.</source>
        <translation>Kameras schreiben das Objektiv hinein, das sie erkennen.</translation>
    </message>
    <message>
        <source>Cameras write how they took the picture.</source>
        <translation>Kameras schreiben hinein, wie sie das Bild aufgenommen haben.</translation>
    </message>
    <message>
        <source>The camera&apos;s clock, which may be wrong.</source>
        <translation>Die Uhr der Kamera, die falsch gehen kann.</translation>
    </message>
    <message>
        <source>The file says where it was taken; NoiseLens does not show where.</source>
        <translation>Die Datei sagt, wo sie aufgenommen wurde; NoiseLens zeigt den Ort nicht.</translation>
    </message>
    <message>
        <source>The program that saved the file; photographs pass through such programs as well.</source>
        <translation>Das Programm, das die Datei gespeichert hat; auch Fotos gehen durch solche Programme.</translation>
    </message>
    <message>
        <source>The line the publisher asks to be printed with the picture.</source>
        <translation>Die Zeile, die laut Herausgeber beim Bild stehen soll.</translation>
    </message>
    <message>
        <source>A small copy of the same shape as the image, as cameras store it.</source>
        <translation>Eine kleine Kopie von der Form des Bildes, wie Kameras sie ablegen.</translation>
    </message>
    <message>
        <source>A small copy of another shape: the image may have been cropped since, or the camera pads its previews.</source>
        <translation>Eine kleine Kopie von anderer Form: Das Bild kann seither beschnitten worden sein, oder die Kamera füllt ihre Vorschau auf.</translation>
    </message>
    <message>
        <source>What the file says of its origin could not be read; the verdict does not need it.</source>
        <translation>Was die Datei über ihre Herkunft sagt, ließ sich nicht lesen; das Urteil braucht es nicht.</translation>
    </message>
    <message>
        <source>Animated: only the first frame was looked at.</source>
        <translation>Animiert: Nur das erste Bild wurde betrachtet.</translation>
    </message>
    <message>
        <source>Several pages or pictures: only the first was looked at.</source>
        <translation>Mehrere Seiten oder Bilder: Nur das erste wurde betrachtet.</translation>
    </message>
    <message>
        <source>Transparent areas were placed on white.</source>
        <translation>Durchsichtige Flächen wurden auf Weiß gelegt.</translation>
    </message>
    <message>
        <source>Made for print: the CMYK colours were converted to RGB.</source>
        <translation>Für den Druck gemacht: Die CMYK-Farben wurden in RGB umgerechnet.</translation>
    </message>
    <message>
        <source>The colour profile could not be used: the colours were taken as sRGB.</source>
        <translation>Das Farbprofil war nicht zu verwenden: Die Farben gelten als sRGB.</translation>
    </message>
    <message>
        <source>Free text in the file.</source>
        <translation>Freier Text in der Datei.</translation>
    </message>
    <message>
        <source>The program that made the file. Said by whoever signed the Content Credentials.</source>
        <translation>Das Programm, das die Datei gemacht hat. Angabe dessen, der die Content Credentials signiert hat.</translation>
    </message>
    <message>
        <source>How the picture came about. Said by whoever signed the Content Credentials.</source>
        <translation>Wie das Bild entstand. Angabe dessen, der die Content Credentials signiert hat.</translation>
    </message>
    <message>
        <source>These results are no longer kept. Check the folder again to have them anew.</source>
        <translation>Diese Ergebnisse sind nicht mehr gespeichert. Prüfen Sie den Ordner noch einmal, um sie neu zu bekommen.</translation>
    </message>
    <message>
        <source>The library {0} was written by a newer NoiseLens. Update NoiseLens to open it.</source>
        <translation>Der Bestand {0} stammt von einem neueren NoiseLens. Aktualisieren Sie NoiseLens, um ihn zu öffnen.</translation>
    </message>
    <message>
        <source>The library {0} is damaged. Move it away and start NoiseLens again: it makes a new one.</source>
        <translation>Der Bestand {0} ist beschädigt. Legen Sie ihn beiseite und starten Sie NoiseLens neu: Es legt einen neuen an.</translation>
    </message>
    <message>
        <source>The library {0} cannot be used ({1}). Check that the disk is not full and that you may write there.</source>
        <translation>Der Bestand {0} ist nicht benutzbar ({1}). Prüfen Sie, ob der Datenträger voll ist und ob Sie dort schreiben dürfen.</translation>
    </message>
    <message>
        <source>The samples in {0} cannot be used ({1}). Check that the disk is not full and that you may write there.</source>
        <translation>Die Beispiele in {0} sind nicht benutzbar ({1}). Prüfen Sie, ob der Datenträger voll ist und ob Sie dort schreiben dürfen.</translation>
    </message>
    <message>
        <source>{0} does not say what its images are. Say it, or name a folder that holds real and generated.</source>
        <translation>{0} sagt nicht, was seine Bilder sind. Sagen Sie es, oder nennen Sie einen Ordner, der „real“ und „generated“ enthält.</translation>
    </message>
    <message>
        <source>{0} holds no NoiseLens samples. Choose an archive that NoiseLens exported.</source>
        <translation>{0} enthält keine Beispiele von NoiseLens. Wählen Sie ein Archiv, das NoiseLens exportiert hat.</translation>
    </message>
    <message>
        <source>{0} was written by a newer NoiseLens. Update NoiseLens to import it.</source>
        <translation>{0} stammt von einem neueren NoiseLens. Aktualisieren Sie NoiseLens, um es aufzunehmen.</translation>
    </message>
    <message>
        <source>It is not the image the archive says it is. Export the samples again.</source>
        <translation>Es ist nicht das Bild, das im Archiv stehen soll. Exportieren Sie die Beispiele noch einmal.</translation>
    </message>
    <message>
        <source>{0} is damaged. Export the samples again, or copy the file once more.</source>
        <translation>{0} ist beschädigt. Exportieren Sie die Beispiele noch einmal, oder kopieren Sie die Datei neu.</translation>
    </message>
    <message>
        <source>{0} could not be written ({1}). Choose another place or make room there.</source>
        <translation>{0} ließ sich nicht schreiben ({1}). Wählen Sie einen anderen Ort oder schaffen Sie dort Platz.</translation>
    </message>
    <message>
        <source>{0} is not a file. Name the file to write.</source>
        <translation>{0} ist keine Datei. Nennen Sie die Datei, die geschrieben werden soll.</translation>
    </message>
    <message>
        <source>{0} cannot be read ({1}). Choose another file.</source>
        <translation>{0} lässt sich nicht lesen ({1}). Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>{0} holds no certificates. Choose a PEM file: text with BEGIN CERTIFICATE in it.</source>
        <translation>{0} enthält keine Zertifikate. Wählen Sie eine PEM-Datei: Text, in dem BEGIN CERTIFICATE steht.</translation>
    </message>
    <message>
        <source>The list of trusted signers cannot be changed ({0}). Check that you may write to {1}.</source>
        <translation>Die Liste vertrauter Unterzeichner lässt sich nicht ändern ({0}). Prüfen Sie, ob Sie {1} schreiben dürfen.</translation>
    </message>
    <message>
        <source>There is no model file at {0}. Choose a .safetensors file made by NoiseLens.</source>
        <translation>Unter {0} liegt kein Detektor. Wählen Sie eine .safetensors-Datei von NoiseLens.</translation>
    </message>
    <message>
        <source>{0} is not a NoiseLens model. Choose a file made by noiselens-train.</source>
        <translation>{0} ist kein Detektor von NoiseLens. Wählen Sie eine Datei, die NoiseLens gemacht hat.</translation>
    </message>
    <message>
        <source>{0} was made for {1} / {2}; this version runs {3} / {4}. Train it anew or use the NoiseLens it came with.</source>
        <translation>{0} ist für {1} / {2} gemacht; diese Version rechnet mit {3} / {4}. Lernen Sie ihn neu an, oder nehmen Sie das NoiseLens, mit dem er kam.</translation>
    </message>
    <message>
        <source>The weights in {0} do not fit their description. Get the file again.</source>
        <translation>Die Gewichte in {0} passen nicht zu ihrer Beschreibung. Besorgen Sie die Datei noch einmal.</translation>
    </message>
    <message>
        <source>The weights in {0} were changed after they were saved. Get the file again.</source>
        <translation>Die Gewichte in {0} wurden nach dem Speichern verändert. Besorgen Sie die Datei noch einmal.</translation>
    </message>
    <message>
        <source>The encoder&apos;s weights {0} cannot be read. Install NoiseLens again.</source>
        <translation>Die Gewichte des Encoders, {0}, lassen sich nicht lesen. Installieren Sie NoiseLens noch einmal.</translation>
    </message>
    <message>
        <source>The encoder&apos;s weights {0} were changed. Install NoiseLens again.</source>
        <translation>Die Gewichte des Encoders, {0}, wurden verändert. Installieren Sie NoiseLens noch einmal.</translation>
    </message>
    <message>
        <source>There is no device &apos;{0}&apos; here. Use one of: auto, {1}.</source>
        <translation>Ein Gerät „{0}“ gibt es hier nicht. Wählen Sie eines von: auto, {1}.</translation>
    </message>
    <message>
        <source>There is no detector &apos;{0}&apos;. There are: {1}.</source>
        <translation>Einen Detektor „{0}“ gibt es nicht. Vorhanden: {1}.</translation>
    </message>
    <message>
        <source>{0} detectors are called &apos;{1}&apos;. Name the one you mean by one of: {2}.</source>
        <translation>{0} Detektoren heißen „{1}“. Nennen Sie den gemeinten mit einem von: {2}.</translation>
    </message>
    <message>
        <source>{0} is there already and is another text. Choose another name or folder.</source>
        <translation>{0} ist schon da und ein anderer Text. Wählen Sie einen anderen Namen oder Ordner.</translation>
    </message>
    <message>
        <source>NoiseLens runs already and does not answer. End it, then start it again.</source>
        <translation>NoiseLens läuft schon und antwortet nicht. Beenden Sie es und starten Sie es dann neu.</translation>
    </message>
    <message>
        <source>A detector needs a name. Type one.</source>
        <translation>Ein Detektor braucht einen Namen. Geben Sie einen ein.</translation>
    </message>
    <message>
        <source>The detector that came with NoiseLens keeps its name.</source>
        <translation>Der Detektor, der mit NoiseLens kam, behält seinen Namen.</translation>
    </message>
    <message>
        <source>Another detector is called &apos;{0}&apos;. Choose another name.</source>
        <translation>Ein anderer Detektor heißt schon „{0}“. Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>This detector is gone.</source>
        <translation>Diesen Detektor gibt es nicht mehr.</translation>
    </message>
    <message>
        <source>No other detector judged before this one. Choose one from the list.</source>
        <translation>Vor diesem hat kein anderer Detektor geurteilt. Wählen Sie einen aus der Liste.</translation>
    </message>
    <message>
        <source>A detector is exported to a {0} file or into a folder. Choose such a place.</source>
        <translation>Ein Detektor wird als {0}-Datei oder in einen Ordner exportiert. Wählen Sie einen solchen Ort.</translation>
    </message>
    <message>
        <source>{0} is over {1} MB. Choose a NoiseLens detector.</source>
        <translation>{0} ist größer als {1} MB. Wählen Sie einen Detektor von NoiseLens.</translation>
    </message>
    <message>
        <source>The detector that came with NoiseLens cannot be deleted.</source>
        <translation>Der Detektor, der mit NoiseLens kam, lässt sich nicht löschen.</translation>
    </message>
    <message>
        <source>{0} could not be read or written ({1}). Check that the disk is not full and that you may write there.</source>
        <translation>{0} ließ sich nicht lesen oder schreiben ({1}). Prüfen Sie, ob der Datenträger voll ist und ob Sie dort schreiben dürfen.</translation>
    </message>
    <message>
        <source>There are no labelled images yet. Label at least 10 of one kind, better 10 of each.</source>
        <translation>Es gibt noch keine Bilder mit Angabe. Machen Sie Angaben zu mindestens 10 einer Art, besser 10 von jeder.</translation>
    </message>
    <message>
        <source>There are {0} real and {1} generated images. Label at least 10 of one kind to begin.</source>
        <translation>Es gibt {0} echte und {1} generierte Bilder. Für den Anfang braucht es Angaben zu mindestens 10 einer Art.</translation>
    </message>
    <message>
        <source>There are no labelled images yet. Label some in the app, or with: noiselens label</source>
        <translation>Es gibt noch keine Bilder mit Angabe. Machen Sie Angaben im Fenster, oder mit: noiselens label</translation>
    </message>
    <message>
        <source>None of the {0} labelled images can be used. The first: {1}</source>
        <translation>Keines der {0} Bilder mit Angabe lässt sich verwenden. Das erste: {1}</translation>
    </message>
    <message>
        <source>There are {0} MB free in {1}, and fine-tuning on {2} pictures needs {3} MB. Make room and start it again.</source>
        <translation>In {1} sind {0} MB frei; das Anlernen mit {2} Bildern braucht {3} MB. Schaffen Sie Platz und beginnen Sie noch einmal.</translation>
    </message>
    <message>
        <source>{0} looks with attention, which is not fine-tuned. Choose another detector.</source>
        <translation>{0} urteilt mit Aufmerksamkeit, und die lässt sich nicht anlernen. Wählen Sie einen anderen Detektor.</translation>
    </message>
    <message>
        <source>The disk is full. Put that right and start it again; what was done so far is kept.</source>
        <translation>Der Datenträger ist voll. Schaffen Sie Platz und machen Sie weiter; was schon getan ist, bleibt erhalten.</translation>
    </message>
    <message>
        <source>{0} cannot be used ({1}). Put that right and start it again; what was done so far is kept.</source>
        <translation>{0} ist nicht benutzbar ({1}). Beheben Sie das und machen Sie weiter; was schon getan ist, bleibt erhalten.</translation>
    </message>
    <message>
        <source>The machine ran out of memory. Close other programs and start it again; what was done so far is kept.</source>
        <translation>Der Speicher des Rechners reichte nicht. Schließen Sie andere Programme und machen Sie weiter; was schon getan ist, bleibt erhalten.</translation>
    </message>
    <message>
        <source>On pictures that are not yours it is right less often than before: {0} % instead of {1} %.</source>
        <translation>Bei fremden Bildern liegt er seltener richtig als vorher: {0}&#xa0;% statt {1}&#xa0;%.</translation>
    </message>
    <message>
        <source>It calls more photographs that are not yours likely generated: {0} % instead of {1} %.</source>
        <translation>Er hält mehr fremde Fotos für wahrscheinlich generiert: {0}&#xa0;% statt {1}&#xa0;%.</translation>
    </message>
    <message>
        <source>Of generated pictures that are not yours it finds {0} % instead of {1} %.</source>
        <translation>Von fremden generierten Bildern findet er {0}&#xa0;% statt {1}&#xa0;%.</translation>
    </message>
    <message>
        <source>It is no better on your own samples than before: {0} % right instead of {1} %. More samples may help.</source>
        <translation>Bei Ihren eigenen Beispielen ist er nicht besser als vorher: {0}&#xa0;% richtig statt {1}&#xa0;%. Mehr Beispiele können helfen.</translation>
    </message>
    <message>
        <source>The training memory {0} of {1} is missing. Install NoiseLens again to get it back.</source>
        <translation>Das Trainingsgedächtnis {0} von {1} fehlt. Installieren Sie NoiseLens noch einmal, um es wiederzubekommen.</translation>
    </message>
    <message>
        <source>{0} has no training memory {1} beside it, which learning starts from. Start from the detector that came with NoiseLens.</source>
        <translation>Neben {0} liegt kein Trainingsgedächtnis {1}, von dem das Lernen ausgeht. Beginnen Sie mit dem Detektor, der mit NoiseLens kam.</translation>
    </message>
    <message>
        <source>{0} is not a training memory of NoiseLens. Install NoiseLens again.</source>
        <translation>{0} ist kein Trainingsgedächtnis von NoiseLens. Installieren Sie NoiseLens noch einmal.</translation>
    </message>
    <message>
        <source>The training memory {0} belongs to {1}, not to this build of {2}. Install NoiseLens again.</source>
        <translation>Das Trainingsgedächtnis {0} gehört zu {1}, nicht zu diesem Stand von {2}. Installieren Sie NoiseLens noch einmal.</translation>
    </message>
    <message>
        <source>{0} cannot be written ({1}). Make room on the disk, then try again.</source>
        <translation>{0} lässt sich nicht schreiben ({1}). Schaffen Sie Platz auf dem Datenträger und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>{0} could not be changed ({1}). Check that you may write there.</source>
        <translation>{0} ließ sich nicht ändern ({1}). Prüfen Sie, ob Sie dort schreiben dürfen.</translation>
    </message>
    <message>
        <source>{0} could not be written ({1}). Check that you may write there.</source>
        <translation>{0} ließ sich nicht schreiben ({1}). Prüfen Sie, ob Sie dort schreiben dürfen.</translation>
    </message>
    <message>
        <source>{0} cannot be changed ({1}). Check that you may write there.</source>
        <translation>{0} lässt sich nicht ändern ({1}). Prüfen Sie, ob Sie dort schreiben dürfen.</translation>
    </message>
    <message>
        <source>NoiseLens ended unexpectedly last time. A report is in {0}.</source>
        <translation>NoiseLens endete beim letzten Mal unerwartet. Ein Bericht liegt in {0}.</translation>
    </message>
    <message>
        <source>NoiseLens met an error of its own ({0}). Start it again if something does not work.</source>
        <translation>In NoiseLens selbst trat ein Fehler auf ({0}). Starten Sie es neu, wenn etwas nicht geht.</translation>
    </message>
    <message>
        <source>NoiseLens met an error of its own ({0}). A report was written to the log folder; it stays on this computer.</source>
        <translation>In NoiseLens selbst trat ein Fehler auf ({0}). Ein Bericht liegt im Protokollordner; er bleibt auf diesem Rechner.</translation>
    </message>
    <message>
        <source>The settings in {0} could not be read, so the defaults are used.</source>
        <translation>Die Einstellungen in {0} ließen sich nicht lesen, darum gelten die Vorgaben.</translation>
    </message>
    <message>
        <source>In {0} the default is used for: {1}.</source>
        <translation>In {0} gilt die Vorgabe für: {1}.</translation>
    </message>
    <message>
        <source>The settings could not be saved in {0} ({1}).</source>
        <translation>Die Einstellungen ließen sich nicht in {0} speichern ({1}).</translation>
    </message>
    <message>
        <source>NoiseLens could not judge this image ({0}). Try another copy of it.</source>
        <translation>NoiseLens konnte dieses Bild nicht beurteilen ({0}). Versuchen Sie eine andere Kopie davon.</translation>
    </message>
    <message>
        <source>The detector could not be loaded ({0}). Install NoiseLens again.</source>
        <translation>Der Detektor ließ sich nicht laden ({0}). Installieren Sie NoiseLens noch einmal.</translation>
    </message>
    <message>
        <source>The batch ended on an error of NoiseLens itself ({0}). Resume it to go on.</source>
        <translation>Der Stapel endete an einem Fehler in NoiseLens selbst ({0}). Mit „Weitermachen“ geht es weiter.</translation>
    </message>
    <message>
        <source>Something went wrong in NoiseLens itself ({0}).</source>
        <translation>In NoiseLens selbst ist etwas schiefgegangen ({0}).</translation>
    </message>
    <message>
        <source>The comparison {0} cannot be read. Train once more to get another.</source>
        <translation>Der Vergleich {0} lässt sich nicht lesen. Lernen Sie noch einmal an, um einen neuen zu bekommen.</translation>
    </message>
    <message>
        <source>The file of paired browsers ({0}) cannot be written: {1}.</source>
        <translation>Die Datei der gekoppelten Browser ({0}) lässt sich nicht schreiben: {1}.</translation>
    </message>
    <message>
        <source>The file of paired browsers ({0}) is damaged. Delete it and pair again.</source>
        <translation>Die Datei der gekoppelten Browser ({0}) ist beschädigt. Löschen Sie sie und koppeln Sie neu.</translation>
    </message>
    <message>
        <source>The browser extension cannot be served: other programs hold every port NoiseLens uses ({0}). Close one of them, or another NoiseLens, and start again.</source>
        <translation>Die Browser-Erweiterung kann nicht bedient werden: Andere Programme belegen jeden Port von NoiseLens ({0}). Schließen Sie eines davon oder ein anderes NoiseLens, und starten Sie neu.</translation>
    </message>
    <message>
        <source>{0} ({1}). Check that the disk is not full and that you may write there.</source>
        <translation>{0} ({1}). Prüfen Sie, ob der Datenträger voll ist und ob Sie dort schreiben dürfen.</translation>
    </message>
    <message>
        <source>{0}. Check that the disk is not full and that you may write there.</source>
        <translation>{0}. Prüfen Sie, ob der Datenträger voll ist und ob Sie dort schreiben dürfen.</translation>
    </message>
    <message>
        <source>{0} real and {1} generated images of {2} sources ({3}, list {4})</source>
        <translation>{0} echten und {1} generierten Bildern aus {2} Quellen ({3}, Liste {4})</translation>
    </message>
    <message>
        <source>frozen encoder: {0}</source>
        <translation>eingefrorener Encoder: {0}</translation>
    </message>
    <message>
        <source>{0} moved by {1} real and {2} generated pictures of the user&apos;s</source>
        <translation>{0}, weitergelernt mit {1} echten und {2} generierten Bildern von Ihnen</translation>
    </message>
    <message>
        <source>Valid, signer trusted</source>
        <translation>Gültig, Unterzeichner vertraut</translation>
    </message>
    <message>
        <source>Valid, signer unknown</source>
        <translation>Gültig, Unterzeichner unbekannt</translation>
    </message>
    <message>
        <source>Changed after signing</source>
        <translation>Nach dem Signieren verändert</translation>
    </message>
    <message>
        <source>Not valid</source>
        <translation>Ungültig</translation>
    </message>
    <message>
        <source>Unreadable</source>
        <translation>Nicht lesbar</translation>
    </message>
    <message>
        <source>A position is stored</source>
        <translation>Ein Ort ist gespeichert</translation>
    </message>
    <message>
        <source>Content Credentials</source>
        <translation>Content Credentials</translation>
    </message>
    <message>
        <source>Signed by</source>
        <translation>Signiert von</translation>
    </message>
    <message>
        <source>Signed at</source>
        <translation>Signiert am</translation>
    </message>
    <message>
        <source>Made with</source>
        <translation>Gemacht mit</translation>
    </message>
    <message>
        <source>Declared origin</source>
        <translation>Angegebene Herkunft</translation>
    </message>
    <message>
        <source>AI system</source>
        <translation>KI-System</translation>
    </message>
    <message>
        <source>Generation settings</source>
        <translation>Einstellungen des Generators</translation>
    </message>
    <message>
        <source>ComfyUI workflow</source>
        <translation>ComfyUI-Ablauf</translation>
    </message>
    <message>
        <source>InvokeAI settings</source>
        <translation>InvokeAI-Einstellungen</translation>
    </message>
    <message>
        <source>NovelAI settings</source>
        <translation>NovelAI-Einstellungen</translation>
    </message>
    <message>
        <source>Midjourney job</source>
        <translation>Midjourney-Auftrag</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Lens</source>
        <translation>Objektiv</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>Belichtung</translation>
    </message>
    <message>
        <source>Taken</source>
        <translation>Aufgenommen</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>Software</source>
        <translation>Software</translation>
    </message>
    <message>
        <source>Credit</source>
        <translation>Bildnachweis</translation>
    </message>
    <message>
        <source>Comment</source>
        <translation>Kommentar</translation>
    </message>
    <message>
        <source>Embedded preview</source>
        <translation>Eingebettete Vorschau</translation>
    </message>
    <message>
        <source>Metadata</source>
        <translation>Metadaten</translation>
    </message>
    <message>
        <source>C2PA manifest in the file</source>
        <translation>C2PA-Manifest in der Datei</translation>
    </message>
    <message>
        <source>EXIF</source>
        <translation>EXIF</translation>
    </message>
    <message>
        <source>EXIF preview</source>
        <translation>EXIF-Vorschau</translation>
    </message>
    <message>
        <source>EXIF UserComment</source>
        <translation>EXIF UserComment</translation>
    </message>
    <message>
        <source>EXIF Make</source>
        <translation>EXIF Make</translation>
    </message>
    <message>
        <source>EXIF Model</source>
        <translation>EXIF Model</translation>
    </message>
    <message>
        <source>XMP</source>
        <translation>XMP</translation>
    </message>
    <message>
        <source>IPTC</source>
        <translation>IPTC</translation>
    </message>
    <message>
        <source>Comment of the file</source>
        <translation>Kommentar der Datei</translation>
    </message>
    <message>
        <source>The file</source>
        <translation>Die Datei</translation>
    </message>
    <message>
        <source>PNG text “{0}”</source>
        <translation>PNG-Text „{0}“</translation>
    </message>
    <message>
        <source>Made by a generative model</source>
        <translation>Von einem generativen Modell gemacht</translation>
    </message>
    <message>
        <source>Partly made by a generative model</source>
        <translation>Teils von einem generativen Modell gemacht</translation>
    </message>
    <message>
        <source>Put together, partly from synthetic pictures</source>
        <translation>Zusammengesetzt, teils aus synthetischen Bildern</translation>
    </message>
    <message>
        <source>Made by an algorithm that was not trained</source>
        <translation>Von einem Algorithmus gemacht, der nicht trainiert wurde</translation>
    </message>
    <message>
        <source>Enhanced by an algorithm</source>
        <translation>Von einem Algorithmus verbessert</translation>
    </message>
    <message>
        <source>Taken with a digital camera</source>
        <translation>Mit einer Digitalkamera aufgenommen</translation>
    </message>
    <message>
        <source>Taken with a camera that computes pictures</source>
        <translation>Mit einer Kamera aufgenommen, die Bilder berechnet</translation>
    </message>
    <message>
        <source>Put together from pictures taken with a camera</source>
        <translation>Zusammengesetzt aus Aufnahmen einer Kamera</translation>
    </message>
    <message>
        <source>Put together from several pictures</source>
        <translation>Zusammengesetzt aus mehreren Bildern</translation>
    </message>
    <message>
        <source>Scanned from a negative</source>
        <translation>Von einem Negativ gescannt</translation>
    </message>
    <message>
        <source>Scanned from a transparency</source>
        <translation>Von einem Dia gescannt</translation>
    </message>
    <message>
        <source>Scanned from a print</source>
        <translation>Von einem Abzug gescannt</translation>
    </message>
    <message>
        <source>Taken with a camera and slightly edited</source>
        <translation>Mit einer Kamera aufgenommen und leicht bearbeitet</translation>
    </message>
    <message>
        <source>Edited by a person</source>
        <translation>Von einem Menschen bearbeitet</translation>
    </message>
    <message>
        <source>Drawn on a computer</source>
        <translation>Am Computer gezeichnet</translation>
    </message>
    <message>
        <source>Made by a person on a computer</source>
        <translation>Von einem Menschen am Computer gemacht</translation>
    </message>
    <message>
        <source>Made by software</source>
        <translation>Von Software gemacht</translation>
    </message>
    <message>
        <source>Drawn from data</source>
        <translation>Aus Daten gezeichnet</translation>
    </message>
    <message>
        <source>Taken from a screen</source>
        <translation>Von einem Bildschirm aufgenommen</translation>
    </message>
    <message>
        <source>Recorded in a virtual scene</source>
        <translation>In einer virtuellen Szene aufgenommen</translation>
    </message>
    <message>
        <source>{0} × {1} px beside {2} × {3} px</source>
        <translation>{0} × {1} px neben {2} × {3} px</translation>
    </message>
    <message>
        <source>1 step</source>
        <translation>1 Schritt</translation>
    </message>
    <message>
        <source>{0} steps</source>
        <translation>{0} Schritte</translation>
    </message>
    <message>
        <source>1 step; models: {0}</source>
        <translation>1 Schritt; Modelle: {0}</translation>
    </message>
    <message>
        <source>{0} steps; models: {1}</source>
        <translation>{0} Schritte; Modelle: {1}</translation>
    </message>
    <message>
        <source>images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Operation not permitted</source>
        <translation>Nicht erlaubt</translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation>Nicht vorhanden</translation>
    </message>
    <message>
        <source>Input/output error</source>
        <translation>Ein-/Ausgabefehler</translation>
    </message>
    <message>
        <source>Permission denied</source>
        <translation>Keine Berechtigung</translation>
    </message>
    <message>
        <source>Device or resource busy</source>
        <translation>Belegt</translation>
    </message>
    <message>
        <source>File exists</source>
        <translation>Ist schon da</translation>
    </message>
    <message>
        <source>Not a directory</source>
        <translation>Kein Ordner</translation>
    </message>
    <message>
        <source>Is a directory</source>
        <translation>Ein Ordner</translation>
    </message>
    <message>
        <source>Too many open files</source>
        <translation>Zu viele offene Dateien</translation>
    </message>
    <message>
        <source>File too large</source>
        <translation>Zu groß</translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation>Kein Platz mehr</translation>
    </message>
    <message>
        <source>Read-only file system</source>
        <translation>Schreibgeschützt</translation>
    </message>
    <message>
        <source>File name too long</source>
        <translation>Name zu lang</translation>
    </message>
    <message>
        <source>Disk quota exceeded</source>
        <translation>Kontingent erschöpft</translation>
    </message>
</context>
<context>
    <name>DetectorDelegate</name>
    <message>
        <source>judges now</source>
        <translation>urteilt jetzt</translation>
    </message>
</context>
<context>
    <name>DetectorShelf</name>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Detectors</source>
        <translation>Detektoren</translation>
    </message>
    <message>
        <source>Judge with this one</source>
        <translation>Damit urteilen</translation>
    </message>
    <message>
        <source>Back to the one before</source>
        <translation>Zurück zum vorigen</translation>
    </message>
    <message>
        <source>Judge with the detector that did before; press again to return</source>
        <translation>Mit dem Detektor urteilen, der es vorher tat; noch einmal drücken kehrt zurück</translation>
    </message>
    <message>
        <source>Add from a file…</source>
        <translation>Aus einer Datei hinzufügen…</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Umbenennen…</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Compare on a folder…</source>
        <translation>An einem Ordner vergleichen…</translation>
    </message>
    <message>
        <source>Judge a folder&apos;s images with this detector and with the one that judges now</source>
        <translation>Die Bilder eines Ordners mit diesem Detektor und mit dem beurteilen, der jetzt urteilt</translation>
    </message>
    <message>
        <source>Reading the detectors…</source>
        <translation>Die Detektoren werden gelesen…</translation>
    </message>
    <message>
        <source>Add a detector from a file</source>
        <translation>Einen Detektor aus einer Datei hinzufügen</translation>
    </message>
    <message>
        <source>Detectors ({0})</source>
        <translation>Detektoren ({0})</translation>
    </message>
    <message>
        <source>Rename the detector</source>
        <translation>Den Detektor umbenennen</translation>
    </message>
    <message>
        <source>Name; verdicts go on calling it {0}.</source>
        <translation>Name; Urteile nennen ihn weiterhin {0}.</translation>
    </message>
    <message>
        <source>Save the detector and its card</source>
        <translation>Den Detektor und seine Karte speichern</translation>
    </message>
    <message>
        <source>Delete the detector</source>
        <translation>Den Detektor löschen</translation>
    </message>
    <message>
        <source>Delete “{0}” for good?</source>
        <translation>„{0}“ endgültig löschen?</translation>
    </message>
    <message>
        <source>Its verdicts stay in the history. Export it first if you may want it again.</source>
        <translation>Seine Urteile bleiben im Verlauf. Exportieren Sie ihn vorher, wenn Sie ihn noch brauchen könnten.</translation>
    </message>
    <message>
        <source>Compare on a folder</source>
        <translation>An einem Ordner vergleichen</translation>
    </message>
    <message>
        <source>One detector judges, here and for your browser. Every verdict names the one that gave it.</source>
        <translation>Ein Detektor urteilt, hier und für Ihren Browser. Jedes Urteil nennt den, der es fällte.</translation>
    </message>
</context>
<context>
    <name>Detectors</name>
    <message>
        <source>Saved {0}.</source>
        <translation>{0} ist gespeichert.</translation>
    </message>
    <message>
        <source>“{0}” is among your detectors now.</source>
        <translation>„{0}“ gehört jetzt zu Ihren Detektoren.</translation>
    </message>
</context>
<context>
    <name>DropArea</name>
    <message>
        <source>That is a link, and NoiseLens fetches nothing. Use the browser extension, or save the image and drop the file.</source>
        <translation>Das ist ein Link, und NoiseLens ruft nichts ab. Nehmen Sie die Browser-Erweiterung, oder speichern Sie das Bild und ziehen Sie die Datei hierher.</translation>
    </message>
    <message>
        <source>There is no image in that. Drop image files, or copy an image and paste it.</source>
        <translation>Darin ist kein Bild. Ziehen Sie Bilddateien hierher, oder kopieren Sie ein Bild und fügen Sie es ein.</translation>
    </message>
    <message>
        <source>Pasted image</source>
        <translation>Eingefügtes Bild</translation>
    </message>
    <message>
        <source>The image is over {0} Mpx. Resize it first.</source>
        <translation>Das Bild hat mehr als {0} Mpx. Verkleinern Sie es zuerst.</translation>
    </message>
    <message>
        <source>Drop images or folders here</source>
        <translation>Bilder oder Ordner hierher ziehen</translation>
    </message>
    <message>
        <source>or paste an image with {0}. They stay on this computer: nothing is uploaded.</source>
        <translation>oder ein Bild mit {0} einfügen. Sie bleiben auf diesem Rechner: Nichts wird hochgeladen.</translation>
    </message>
    <message>
        <source>Open images…</source>
        <translation>Bilder öffnen…</translation>
    </message>
    <message>
        <source>Open a folder…</source>
        <translation>Ordner öffnen…</translation>
    </message>
    <message>
        <source>Try the samples</source>
        <translation>Beispiele prüfen</translation>
    </message>
</context>
<context>
    <name>DropVeil</name>
    <message>
        <source>Drop to keep as samples</source>
        <translation>Loslassen, um sie als Beispiele zu behalten</translation>
    </message>
    <message>
        <source>Drop to check the whole folder</source>
        <translation>Loslassen, um den ganzen Ordner zu prüfen</translation>
    </message>
    <message>
        <source>Drop to check</source>
        <translation>Loslassen, um zu prüfen</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Shows only these images</source>
        <translation>Zeigt nur diese Bilder</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Any date</source>
        <translation>Jedes Datum</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>Letzte 7 Tage</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>Letzte 30 Tage</translation>
    </message>
    <message>
        <source>Last 12 months</source>
        <translation>Letzte 12 Monate</translation>
    </message>
</context>
<context>
    <name>HistoryPage</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>Generiert</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Checked</source>
        <translation>Geprüft</translation>
    </message>
    <message>
        <source>Everything checked so far</source>
        <translation>Alles bisher Geprüfte</translation>
    </message>
    <message>
        <source>Search the history</source>
        <translation>Verlauf durchsuchen</translation>
    </message>
    <message>
        <source>Clear the history</source>
        <translation>Verlauf leeren</translation>
    </message>
    <message>
        <source>Nothing checked yet</source>
        <translation>Noch nichts geprüft</translation>
    </message>
    <message>
        <source>Every image you check is listed here with its verdict and a small picture. The images themselves are not kept, and nothing leaves this computer.</source>
        <translation>Jedes geprüfte Bild steht hier mit seinem Urteil und einem kleinen Bild. Die Bilder selbst werden nicht aufbewahrt, und nichts verlässt diesen Rechner.</translation>
    </message>
    <message>
        <source>Open images…</source>
        <translation>Bilder öffnen…</translation>
    </message>
    <message>
        <source>Deleted “{0}”.</source>
        <translation>„{0}“ gelöscht.</translation>
    </message>
    <message>
        <source>Deleted {0} entries.</source>
        <translation>{0} Einträge gelöscht.</translation>
    </message>
    <message>
        <source>Deleted the whole history. Your image files are not touched.</source>
        <translation>Der ganze Verlauf ist gelöscht. Ihre Bilddateien bleiben unberührt.</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
</context>
<context>
    <name>HistoryView</name>
    <message>
        <source>Search the history</source>
        <translation>Verlauf durchsuchen</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Search everything</source>
        <translation>Alles durchsuchen</translation>
    </message>
    <message>
        <source>Nothing in the history fits.</source>
        <translation>Nichts im Verlauf passt dazu.</translation>
    </message>
    <message>
        <source>What you check is listed here.</source>
        <translation>Was Sie prüfen, steht hier.</translation>
    </message>
    <message>
        <source>Not among the newest {0}.</source>
        <translation>Nicht unter den neuesten {0}.</translation>
    </message>
    <message>
        <source>Judge again</source>
        <translation>Noch einmal beurteilen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
</context>
<context>
    <name>ImageMenu</name>
    <message>
        <source>&amp;Image</source>
        <translation>B&amp;ild</translation>
    </message>
    <message>
        <source>Next image</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>Previous image</source>
        <translation>Voriges Bild</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Fit the whole image</source>
        <translation>Ganzes Bild einpassen</translation>
    </message>
    <message>
        <source>Show single pixels</source>
        <translation>Einzelne Pixel zeigen</translation>
    </message>
    <message>
        <source>Overlay: {0}</source>
        <translation>Überlagerung: {0}</translation>
    </message>
    <message>
        <source>Stronger overlay</source>
        <translation>Stärkere Überlagerung</translation>
    </message>
    <message>
        <source>Weaker overlay</source>
        <translation>Schwächere Überlagerung</translation>
    </message>
    <message>
        <source>Scores of all places</source>
        <translation>Werte aller Stellen</translation>
    </message>
    <message>
        <source>Next place looked at</source>
        <translation>Nächste betrachtete Stelle</translation>
    </message>
    <message>
        <source>Previous place looked at</source>
        <translation>Vorige betrachtete Stelle</translation>
    </message>
    <message>
        <source>Compare with another image</source>
        <translation>Mit einem anderen Bild vergleichen</translation>
    </message>
</context>
<context>
    <name>ImageView</name>
    <message>
        <source>little attention</source>
        <translation>wenig beachtet</translation>
    </message>
    <message>
        <source>much attention</source>
        <translation>stark beachtet</translation>
    </message>
    <message>
        <source>little noise</source>
        <translation>wenig Rauschen</translation>
    </message>
    <message>
        <source>much noise</source>
        <translation>viel Rauschen</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Plus and minus zoom, 0 fits the image, 1 shows single pixels, arrows move it.</source>
        <translation>Plus und Minus zoomen, 0 passt das Bild ein, 1 zeigt einzelne Pixel, Pfeile verschieben es.</translation>
    </message>
    <message>
        <source>Scores of the places looked at, row by row: {0}.</source>
        <translation>Werte der betrachteten Stellen, Zeile für Zeile: {0}.</translation>
    </message>
    <message>
        <source>Place at {0}, {1}: {2}</source>
        <translation>Stelle bei {0}, {1}: {2}</translation>
    </message>
</context>
<context>
    <name>ItemActions</name>
    <message>
        <source>This is real</source>
        <translation>Das ist echt</translation>
    </message>
    <message>
        <source>This is generated</source>
        <translation>Das ist generiert</translation>
    </message>
    <message>
        <source>Copy the verdict</source>
        <translation>Urteil kopieren</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Exportieren…</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Judge again</source>
        <translation>Noch einmal beurteilen</translation>
    </message>
    <message>
        <source>The whole image is no longer in memory. Judge the file again, then export it.</source>
        <translation>Das ganze Bild ist nicht mehr im Speicher. Lassen Sie die Datei noch einmal beurteilen und exportieren Sie dann.</translation>
    </message>
    <message>
        <source>“{0}” is kept as real.</source>
        <translation>„{0}“ ist als echt vermerkt.</translation>
    </message>
    <message>
        <source>“{0}” is kept as generated.</source>
        <translation>„{0}“ ist als generiert vermerkt.</translation>
    </message>
    <message>
        <source>What you said of “{0}” is taken back.</source>
        <translation>Ihre Angabe zu „{0}“ ist zurückgenommen.</translation>
    </message>
    <message>
        <source>The verdict is on the clipboard.</source>
        <translation>Das Urteil ist in der Zwischenablage.</translation>
    </message>
    <message>
        <source>Save a report and the overlays</source>
        <translation>Bericht und Überlagerungen speichern</translation>
    </message>
    <message>
        <source>Web page (*.html)</source>
        <translation>Webseite (*.html)</translation>
    </message>
    <message>
        <source>Saved “{0}”, with the overlays beside it.</source>
        <translation>„{0}“ ist gespeichert, die Überlagerungen liegen daneben.</translation>
    </message>
    <message>
        <source>The folder is gone. Open the image from where it is now.</source>
        <translation>Den Ordner gibt es nicht mehr. Öffnen Sie das Bild dort, wo es jetzt liegt.</translation>
    </message>
</context>
<context>
    <name>LineView</name>
    <message>
        <source>Look at it</source>
        <translation>Ansehen</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Judge again</source>
        <translation>Noch einmal beurteilen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Check</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Stapel</translation>
    </message>
    <message>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>Open images…</source>
        <translation>Bilder öffnen…</translation>
    </message>
    <message>
        <source>Check a folder…</source>
        <translation>Ordner prüfen…</translation>
    </message>
    <message>
        <source>Paste an image</source>
        <translation>Bild einfügen</translation>
    </message>
    <message>
        <source>Check a part of the screen…</source>
        <translation>Bildschirmausschnitt prüfen…</translation>
    </message>
    <message>
        <source>Check the samples</source>
        <translation>Beispiele prüfen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Clear the history</source>
        <translation>Verlauf leeren</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>Start page</source>
        <translation>Startseite</translation>
    </message>
    <message>
        <source>&amp;Batch</source>
        <translation>&amp;Stapel</translation>
    </message>
    <message>
        <source>&amp;Training</source>
        <translation>&amp;Training</translation>
    </message>
    <message>
        <source>Pair a browser…</source>
        <translation>Browser koppeln…</translation>
    </message>
    <message>
        <source>B&amp;rowser</source>
        <translation>B&amp;rowser</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>First steps…</source>
        <translation>Erste Schritte…</translation>
    </message>
    <message>
        <source>Open log folder</source>
        <translation>Protokollordner öffnen</translation>
    </message>
    <message>
        <source>About NoiseLens…</source>
        <translation>Über NoiseLens…</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
</context>
<context>
    <name>NothingFits</name>
    <message>
        <source>Nothing fits this filter.</source>
        <translation>Nichts passt zu diesem Filter.</translation>
    </message>
    <message>
        <source>Show everything again</source>
        <translation>Wieder alles zeigen</translation>
    </message>
</context>
<context>
    <name>NothingTyped</name>
    <message>
        <source>NoiseLens makes itself known to your browsers; then one press in the extension&apos;s options is enough.</source>
        <translation>NoiseLens meldet sich bei Ihren Browsern an; dann genügt ein Knopfdruck in den Einstellungen der Erweiterung.</translation>
    </message>
    <message>
        <source>Set up my browsers</source>
        <translation>Meine Browser einrichten</translation>
    </message>
    <message>
        <source>No browser was found on this computer. Use one of the other two ways.</source>
        <translation>Auf diesem Rechner wurde kein Browser gefunden. Nehmen Sie einen der beiden anderen Wege.</translation>
    </message>
    <message>
        <source>Ready: {0}. Now press “Pair with the app on this computer” in the extension&apos;s options.</source>
        <translation>Bereit: {0}. Drücken Sie jetzt „Mit der App auf diesem Computer koppeln“ in den Einstellungen der Erweiterung.</translation>
    </message>
</context>
<context>
    <name>PairDelegate</name>
    <message>
        <source>You said: {0}</source>
        <translation>Sie sagten: {0}</translation>
    </message>
</context>
<context>
    <name>PairView</name>
    <message>
        <source>Pairs with different labels</source>
        <translation>Paare mit verschiedenen Angaben</translation>
    </message>
</context>
<context>
    <name>PairingDialog</name>
    <message>
        <source>Pair a browser</source>
        <translation>Browser koppeln</translation>
    </message>
    <message>
        <source>My browser</source>
        <translation>Mein Browser</translation>
    </message>
    <message>
        <source>Name of the browser</source>
        <translation>Name des Browsers</translation>
    </message>
    <message>
        <source>Make a key</source>
        <translation>Schlüssel erzeugen</translation>
    </message>
    <message>
        <source>The key appears here</source>
        <translation>Hier erscheint der Schlüssel</translation>
    </message>
    <message>
        <source>Pairing key</source>
        <translation>Kopplungsschlüssel</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>For Chromium, Chrome, Edge and Brave. Whoever has this key can send images to NoiseLens: show it to nobody.</source>
        <translation>Für Chromium, Chrome, Edge und Brave. Wer diesen Schlüssel hat, kann NoiseLens Bilder schicken: Zeigen Sie ihn niemandem.</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>The bridge to the browser is starting…</source>
        <translation>Die Brücke zum Browser startet gerade…</translation>
    </message>
    <message>
        <source>First install the NoiseLens extension there. Then choose one way:</source>
        <translation>Installieren Sie dort zuerst die NoiseLens-Erweiterung. Dann wählen Sie einen Weg:</translation>
    </message>
    <message>
        <source>With nothing typed</source>
        <translation>Ohne etwas einzutippen</translation>
    </message>
    <message>
        <source>With a code on both sides</source>
        <translation>Mit einem Code auf beiden Seiten</translation>
    </message>
    <message>
        <source>With a key you paste into the extension&apos;s options</source>
        <translation>Mit einem Schlüssel, den Sie in die Einstellungen der Erweiterung einfügen</translation>
    </message>
    <message>
        <source>Paired browsers</source>
        <translation>Gekoppelte Browser</translation>
    </message>
    <message>
        <source>The bridge to the browser does not run. Close other windows of NoiseLens and `noiselens serve`, then start NoiseLens again.</source>
        <translation>Die Brücke zum Browser läuft nicht. Schließen Sie andere Fenster von NoiseLens und `noiselens serve` und starten Sie NoiseLens neu.</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>No browser is paired yet.</source>
        <translation>Noch ist kein Browser gekoppelt.</translation>
    </message>
    <message>
        <source>paired {0}</source>
        <translation>gekoppelt am {0}</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>Forget {0}</source>
        <translation>{0} vergessen</translation>
    </message>
</context>
<context>
    <name>Pdf</name>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>Generiert</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>A verdict is a measured likelihood and can be wrong in both directions. Do not accuse anyone on it alone.</source>
        <translation>Ein Urteil ist eine gemessene Wahrscheinlichkeit und kann in beide Richtungen falsch sein. Beschuldigen Sie niemanden allein deswegen.</translation>
    </message>
</context>
<context>
    <name>ProbabilityBar</name>
    <message>
        <source>Probability of generated: {0}</source>
        <translation>Wahrscheinlichkeit „generiert“: {0}</translation>
    </message>
    <message>
        <source>{0}; uncertain {1} to {2}</source>
        <translation>{0}; unsicher von {1} bis {2}</translation>
    </message>
    <message>
        <source>real</source>
        <translation>echt</translation>
    </message>
    <message>
        <source>generated</source>
        <translation>generiert</translation>
    </message>
    <message>
        <source>uncertain</source>
        <translation>unsicher</translation>
    </message>
</context>
<context>
    <name>ProvenanceView</name>
    <message>
        <source>Provenance</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>{0}: {1}</source>
        <translation>{0}: {1}</translation>
    </message>
</context>
<context>
    <name>RegionPicker</name>
    <message>
        <source>Drag over the part to check. Enter takes it, or all of the screen. Escape cancels.</source>
        <translation>Ziehen Sie über den Ausschnitt. Eingabe nimmt ihn oder den ganzen Bildschirm. Escape bricht ab.</translation>
    </message>
    <message>
        <source>Part of the screen</source>
        <translation>Bildschirmausschnitt</translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message>
        <source>1 image checked</source>
        <translation>1 Bild geprüft</translation>
    </message>
    <message>
        <source>{0} images checked</source>
        <translation>{0} Bilder geprüft</translation>
    </message>
    <message>
        <source>Cut short after {0} of {1}: the rest was not looked at</source>
        <translation>Abgebrochen nach {0} von {1}: Der Rest wurde nicht angesehen</translation>
    </message>
    <message>
        <source>Model {0}</source>
        <translation>Modell {0}</translation>
    </message>
    <message>
        <source>On this machine; nothing was sent anywhere</source>
        <translation>Auf diesem Rechner; nichts wurde verschickt</translation>
    </message>
    <message>
        <source>Show only</source>
        <translation>Nur zeigen</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Likely generated</source>
        <translation>Wahrscheinlich generiert</translation>
    </message>
    <message>
        <source>Uncertain</source>
        <translation>Unsicher</translation>
    </message>
    <message>
        <source>Likely real</source>
        <translation>Wahrscheinlich echt</translation>
    </message>
    <message>
        <source>Not judged</source>
        <translation>Nicht beurteilt</translation>
    </message>
    <message>
        <source>The image</source>
        <translation>Das Bild</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>The image under a map of where the detector looked</source>
        <translation>Das Bild unter einer Karte der Stellen, auf die der Detektor gesehen hat</translation>
    </message>
    <message>
        <source>Where it looked</source>
        <translation>Wohin er gesehen hat</translation>
    </message>
    <message>
        <source>probability of being generated</source>
        <translation>Wahrscheinlichkeit, dass es generiert ist</translation>
    </message>
    <message>
        <source>Real</source>
        <translation>Echt</translation>
    </message>
    <message>
        <source>uncertain from {0} to {1} %</source>
        <translation>unsicher von {0} bis {1} %</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>Generiert</translation>
    </message>
    <message>
        <source>Provenance</source>
        <translation>Herkunft</translation>
    </message>
    <message>
        <source>Stability</source>
        <translation>Stabilität</translation>
    </message>
    <message>
        <source>{0} of 1</source>
        <translation>{0} von 1</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Judged by</source>
        <translation>Beurteilt von</translation>
    </message>
    <message>
        <source>{0} in {1} ms</source>
        <translation>{0} in {1} ms</translation>
    </message>
    <message>
        <source>How to read this</source>
        <translation>Wie das zu lesen ist</translation>
    </message>
    <message>
        <source>What the detector cannot see</source>
        <translation>Was der Detektor nicht sehen kann</translation>
    </message>
    <message>
        <source>Made by {0}</source>
        <translation>Erstellt von {0}</translation>
    </message>
    <message>
        <source>The probability is calibrated on image sources the model never saw in training. Between the two bands it does not take a side, and an unstable answer is called uncertain whatever its probability. Stability says how far the places looked at, and a re-encoded copy, agree: 1 is full agreement.</source>
        <translation>Die Wahrscheinlichkeit ist an Bildquellen geeicht, die das Modell beim Training nie gesehen hat. Zwischen den beiden Bereichen entscheidet es sich nicht, und eine wacklige Antwort heißt unsicher, wie hoch die Wahrscheinlichkeit auch ist. Die Stabilität sagt, wie weit die betrachteten Stellen und eine neu kodierte Kopie übereinstimmen: 1 heißt ganz.</translation>
    </message>
    <message>
        <source>A verdict is a measured likelihood and can be wrong in both directions. Do not accuse anyone on it alone.</source>
        <translation>Ein Urteil ist eine gemessene Wahrscheinlichkeit und kann in beide Richtungen falsch sein. Beschuldigen Sie niemanden allein deswegen.</translation>
    </message>
    <message>
        <source>Small local edits, swapped faces and retouching: the picture is judged as a whole.</source>
        <translation>Kleine örtliche Änderungen, vertauschte Gesichter und Retuschen: Das Bild wird als Ganzes beurteilt.</translation>
    </message>
    <message>
        <source>Generators unlike any the model was trained with may pass as real.</source>
        <translation>Generatoren, die keinem aus dem Training ähneln, können als echt durchgehen.</translation>
    </message>
    <message>
        <source>Strong compression, heavy resizing and screenshots remove the fine structure the verdict rests on.</source>
        <translation>Starke Kompression, starkes Verkleinern und Bildschirmfotos nehmen die feine Struktur weg, auf der das Urteil beruht.</translation>
    </message>
    <message>
        <source>Who made an image, when, or why. Metadata and watermarks play no part in the verdict.</source>
        <translation>Wer ein Bild gemacht hat, wann oder warum. Metadaten und Wasserzeichen spielen für das Urteil keine Rolle.</translation>
    </message>
</context>
<context>
    <name>ResultCard</name>
    <message>
        <source>Use this detector</source>
        <translation>Diesen Detektor verwenden</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>Full report</source>
        <translation>Ganzer Bericht</translation>
    </message>
    <message>
        <source>Samples that are judged otherwise now</source>
        <translation>Beispiele, über die jetzt anders geurteilt wird</translation>
    </message>
    <message>
        <source>A detector of your own: {0}</source>
        <translation>Ein eigener Detektor: {0}</translation>
    </message>
    <message>
        <source>On your samples, each judged by a detector that had not seen it, it is right on {0}, before on {1}.</source>
        <translation>Bei Ihren Beispielen, jedes beurteilt von einem Detektor, der es nicht gesehen hatte, liegt er in {0} richtig, vorher in {1}.</translation>
    </message>
    <message>
        <source>Judged otherwise now: {0} better, {1} worse.</source>
        <translation>Jetzt anders beurteilt: {0} besser, {1} schlechter.</translation>
    </message>
    <message>
        <source>None of your samples is judged otherwise now.</source>
        <translation>Keines Ihrer Beispiele wird jetzt anders beurteilt.</translation>
    </message>
    <message>
        <source>Use it all the same</source>
        <translation>Trotzdem verwenden</translation>
    </message>
    <message>
        <source>Not recommended.</source>
        <translation>Nicht empfohlen.</translation>
    </message>
    <message>
        <source>Your samples</source>
        <translation>Ihre Beispiele</translation>
    </message>
    <message>
        <source>Images of others</source>
        <translation>Fremde Bilder</translation>
    </message>
    <message>
        <source>On the right side</source>
        <translation>Auf der richtigen Seite</translation>
    </message>
    <message>
        <source>Photographs called likely generated</source>
        <translation>Fotos, die wahrscheinlich generiert genannt werden</translation>
    </message>
    <message>
        <source>Told apart (AUC)</source>
        <translation>Unterschieden (AUC)</translation>
    </message>
    <message>
        <source>{0}: before {1}, now {2}</source>
        <translation>{0}: vorher {1}, jetzt {2}</translation>
    </message>
</context>
<context>
    <name>SampleGrid</name>
    <message>
        <source>Labelled images</source>
        <translation>Bilder mit Angabe</translation>
    </message>
    <message>
        <source>This is real</source>
        <translation>Das ist echt</translation>
    </message>
    <message>
        <source>This is generated</source>
        <translation>Das ist generiert</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
</context>
<context>
    <name>SampleShelf</name>
    <message>
        <source>Search the samples</source>
        <translation>Die Beispiele durchsuchen</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Real</source>
        <translation>Echt</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>Generiert</translation>
    </message>
    <message>
        <source>Not at hand</source>
        <translation>Nicht zur Hand</translation>
    </message>
    <message>
        <source>Contradictions</source>
        <translation>Widersprüche</translation>
    </message>
    <message>
        <source>Add images</source>
        <translation>Bilder hinzufügen</translation>
    </message>
    <message>
        <source>Teach NoiseLens your world</source>
        <translation>Zeigen Sie NoiseLens Ihre Welt</translation>
    </message>
    <message>
        <source>Say of some images whether they are real or generated: on the Check page, in your browser, or by dropping files or folders here. From 10 of one kind on NoiseLens can learn from them, on this computer alone.</source>
        <translation>Sagen Sie von einigen Bildern, ob sie echt oder generiert sind: auf der Seite Prüfen, im Browser, oder indem Sie Dateien oder Ordner hier ablegen. Ab 10 einer Art kann NoiseLens daraus lernen, allein auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>Einen Ordner hinzufügen…</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>Einen Ordner hinzufügen</translation>
    </message>
    <message>
        <source>What is “{0}”?</source>
        <translation>Was ist „{0}“?</translation>
    </message>
    <message>
        <source>What are the images in “{0}”?</source>
        <translation>Was sind die Bilder in „{0}“?</translation>
    </message>
    <message>
        <source>What are the {0} files and folders?</source>
        <translation>Was sind die {0} Dateien und Ordner?</translation>
    </message>
    <message>
        <source>Deleted from the samples: {0}.</source>
        <translation>Aus den Beispielen gelöscht: {0}.</translation>
    </message>
    <message>
        <source>Kept as real: {0}.</source>
        <translation>Als echt vermerkt: {0}.</translation>
    </message>
    <message>
        <source>Kept as generated: {0}.</source>
        <translation>Als generiert vermerkt: {0}.</translation>
    </message>
    <message>
        <source>Kept: {0}.</source>
        <translation>Aufbewahrt: {0}.</translation>
    </message>
    <message>
        <source>Known already: {0}.</source>
        <translation>Schon bekannt: {0}.</translation>
    </message>
    <message>
        <source>Left with the other label they have here: {0}.</source>
        <translation>Hier mit der anderen Angabe belassen: {0}.</translation>
    </message>
    <message>
        <source>Not read: {0} ({1})</source>
        <translation>Nicht gelesen: {0} ({1})</translation>
    </message>
    <message>
        <source>Images looked at: {0}…</source>
        <translation>Bilder angesehen: {0}…</translation>
    </message>
    <message>
        <source>A copy of each is kept on this computer until you delete it here.</source>
        <translation>Von jedem wird auf diesem Rechner eine Kopie aufbewahrt, bis Sie sie hier löschen.</translation>
    </message>
    <message>
        <source>Save all samples</source>
        <translation>Alle Beispiele speichern</translation>
    </message>
    <message>
        <source>Archives (*.zip)</source>
        <translation>Archive (*.zip)</translation>
    </message>
    <message>
        <source>Both labels are kept.</source>
        <translation>Beide Angaben bleiben.</translation>
    </message>
    <message>
        <source>The same picture with both labels: which is right?</source>
        <translation>Dasselbe Bild mit beiden Angaben: welche stimmt?</translation>
    </message>
    <message>
        <source>{0} selected</source>
        <translation>{0} ausgewählt</translation>
    </message>
    <message>
        <source>Images…</source>
        <translation>Bilder…</translation>
    </message>
    <message>
        <source>Images ({0})</source>
        <translation>Bilder ({0})</translation>
    </message>
    <message>
        <source>A folder…</source>
        <translation>Einen Ordner…</translation>
    </message>
    <message>
        <source>Exported samples…</source>
        <translation>Exportierte Beispiele…</translation>
    </message>
    <message>
        <source>Add exported samples</source>
        <translation>Exportierte Beispiele hinzufügen</translation>
    </message>
    <message>
        <source>Save all samples…</source>
        <translation>Alle Beispiele speichern…</translation>
    </message>
    <message>
        <source>Saved {0}.</source>
        <translation>{0} ist gespeichert.</translation>
    </message>
    <message>
        <source>Shows only these images</source>
        <translation>Zeigt nur diese Bilder</translation>
    </message>
    <message>
        <source>This is real</source>
        <translation>Das ist echt</translation>
    </message>
    <message>
        <source>This is generated</source>
        <translation>Das ist generiert</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Both real</source>
        <translation>Beide echt</translation>
    </message>
    <message>
        <source>Both generated</source>
        <translation>Beide generiert</translation>
    </message>
    <message>
        <source>Both labels are right</source>
        <translation>Beide Angaben stimmen</translation>
    </message>
</context>
<context>
    <name>SavingRow</name>
    <message>
        <source>Stop saving</source>
        <translation>Speichern abbrechen</translation>
    </message>
    <message>
        <source>Progress of saving</source>
        <translation>Fortschritt beim Speichern</translation>
    </message>
    <message>
        <source>Saving {0}…</source>
        <translation>{0} wird gespeichert…</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>Verdicts cannot be kept: {0}</source>
        <translation>Urteile können nicht aufbewahrt werden: {0}</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Keep a copy of images that come from a browser or the clipboard</source>
        <translation>Von Bildern aus Browser oder Zwischenablage eine Kopie aufbewahren</translation>
    </message>
    <message>
        <source>Keep running in the tray when the window is closed</source>
        <translation>Nach dem Schließen des Fensters im Infobereich weiterlaufen</translation>
    </message>
    <message>
        <source>Start NoiseLens in the background when I log in</source>
        <translation>NoiseLens beim Anmelden im Hintergrund starten</translation>
    </message>
    <message>
        <source>Add to the applications menu</source>
        <translation>Ins Anwendungsmenü aufnehmen</translation>
    </message>
    <message>
        <source>Open log folder</source>
        <translation>Protokollordner öffnen</translation>
    </message>
    <message>
        <source>Came with NoiseLens.</source>
        <translation>Mit NoiseLens geliefert.</translation>
    </message>
    <message>
        <source>All detectors…</source>
        <translation>Alle Detektoren…</translation>
    </message>
    <message>
        <source>Taught or brought by you.</source>
        <translation>Von Ihnen angelernt oder mitgebracht.</translation>
    </message>
    <message>
        <source>Licence: {0}. Trained on: {1}.</source>
        <translation>Lizenz: {0}. Trainiert mit: {1}.</translation>
    </message>
    <message>
        <source>Cautious: accuses rarely, takes no side more often</source>
        <translation>Vorsichtig: beschuldigt selten, bleibt öfter unentschieden</translation>
    </message>
    <message>
        <source>Balanced</source>
        <translation>Ausgewogen</translation>
    </message>
    <message>
        <source>Sensitive: finds more, accuses real photographs more often</source>
        <translation>Empfindlich: findet mehr, beschuldigt öfter echte Fotos</translation>
    </message>
    <message>
        <source>good copies</source>
        <translation>gute Kopien</translation>
    </message>
    <message>
        <source>web copies</source>
        <translation>Kopien aus dem Web</translation>
    </message>
    <message>
        <source>poor copies</source>
        <translation>schlechte Kopien</translation>
    </message>
    <message>
        <source>This detector brings no such thresholds.</source>
        <translation>Dieser Detektor bringt solche Schwellen nicht mit.</translation>
    </message>
    <message>
        <source>Likely generated from {0}, likely real up to {1}, no side between them.</source>
        <translation>Wahrscheinlich generiert ab {0}, wahrscheinlich echt bis {1}, dazwischen unentschieden.</translation>
    </message>
    <message>
        <source>Real photographs called likely generated when measured: {0}.</source>
        <translation>Gemessener Anteil echter Fotos, die „wahrscheinlich generiert“ genannt wurden: {0}.</translation>
    </message>
    <message>
        <source>How often it accuses real photographs was not measured.</source>
        <translation>Wie oft er echte Fotos beschuldigt, wurde nicht gemessen.</translation>
    </message>
    <message>
        <source>NoiseLens is in the applications menu now.</source>
        <translation>NoiseLens steht jetzt im Anwendungsmenü.</translation>
    </message>
    <message>
        <source>For ever</source>
        <translation>Für immer</translation>
    </message>
    <message>
        <source>For {0} days</source>
        <translation>{0} Tage</translation>
    </message>
    <message>
        <source>The fastest there is</source>
        <translation>Das Schnellste, was da ist</translation>
    </message>
    <message>
        <source>Processor (CPU)</source>
        <translation>Prozessor (CPU)</translation>
    </message>
    <message>
        <source>Graphics card (CUDA)</source>
        <translation>Grafikkarte (CUDA)</translation>
    </message>
    <message>
        <source>Apple graphics (MPS)</source>
        <translation>Apple-Grafik (MPS)</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>When is an image called likely generated?</source>
        <translation>Wann heißt ein Bild wahrscheinlich generiert?</translation>
    </message>
    <message>
        <source>No detector is free of wrong accusations. The shares below come from the detector&apos;s own card: they were measured on real photographs of sources it never saw, as good copies (JPEG of quality 92), as web copies (at most 768 px, quality 60) and as poor copies (at most 512 px, quality 40); yours may differ. What was judged before is shown by the thresholds chosen here, too.</source>
        <translation>Kein Detektor ist frei von falschen Beschuldigungen. Die Anteile unten stehen in der Karte des Detektors: Sie wurden an echten Fotos aus Quellen gemessen, die er nie gesehen hat, als gute Kopien (JPEG der Qualität 92), als Kopien aus dem Web (höchstens 768 px, Qualität 60) und als schlechte Kopien (höchstens 512 px, Qualität 40); Ihre können anders sein. Auch was früher beurteilt wurde, wird nach den hier gewählten Schwellen gezeigt.</translation>
    </message>
    <message>
        <source>Detector</source>
        <translation>Detektor</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>Läuft auf</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Privatsphäre</translation>
    </message>
    <message>
        <source>Nothing leaves this computer. The history holds verdicts and small pictures.</source>
        <translation>Nichts verlässt diesen Rechner. Der Verlauf enthält Urteile und kleine Bilder.</translation>
    </message>
    <message>
        <source>Keep the history</source>
        <translation>Verlauf aufbewahren</translation>
    </message>
    <message>
        <source>Content Credentials</source>
        <translation>Content Credentials</translation>
    </message>
    <message>
        <source>Paired browsers</source>
        <translation>Gekoppelte Browser</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
</context>
<context>
    <name>Sharing</name>
    <message>
        <source>Probability of generated: {0}; stability {1}</source>
        <translation>Wahrscheinlichkeit „generiert“: {0}; Stabilität {1}</translation>
    </message>
    <message>
        <source>The file says of itself, which plays no part in the verdict:</source>
        <translation>Die Datei sagt über sich selbst (spielt für das Urteil keine Rolle):</translation>
    </message>
    <message>
        <source>Judged by {0}. A verdict can be wrong in both directions.</source>
        <translation>Beurteilt von {0}. Ein Urteil kann in beide Richtungen falsch sein.</translation>
    </message>
</context>
<context>
    <name>ShortWords</name>
    <message>
        <source>Likely real</source>
        <translation>Wohl echt</translation>
    </message>
    <message>
        <source>Likely generated</source>
        <translation>Wohl generiert</translation>
    </message>
    <message>
        <source>Not judged</source>
        <translation>Ohne Urteil</translation>
    </message>
</context>
<context>
    <name>Side</name>
    <message>
        <source>Open images…</source>
        <translation>Bilder öffnen…</translation>
    </message>
</context>
<context>
    <name>Signers</name>
    <message>
        <source>Choose a file of trusted signers…</source>
        <translation>Datei mit vertrauten Unterzeichnern wählen…</translation>
    </message>
    <message>
        <source>Trust none</source>
        <translation>Niemandem vertrauen</translation>
    </message>
    <message>
        <source>Anybody can sign an image. Signatures count as trusted when their certificate, or the one it was issued with, is in a PEM file of yours; this is so for images checked from now on.</source>
        <translation>Jeder kann ein Bild signieren. Einer Signatur wird vertraut, wenn ihr Zertifikat, oder das, mit dem es ausgestellt wurde, in einer PEM-Datei von Ihnen steht; das gilt für Bilder, die von nun an geprüft werden.</translation>
    </message>
    <message>
        <source>Another list of signers is trusted now.</source>
        <translation>Jetzt wird einer anderen Liste von Unterzeichnern vertraut.</translation>
    </message>
    <message>
        <source>No signer is trusted any more.</source>
        <translation>Keinem Unterzeichner wird mehr vertraut.</translation>
    </message>
    <message>
        <source>Certificates ({0});;All files (*)</source>
        <translation>Zertifikate ({0});;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Trusted signers</source>
        <translation>Vertraute Unterzeichner</translation>
    </message>
    <message>
        <source>Certificates on your list: {0}</source>
        <translation>Zertifikate auf Ihrer Liste: {0}</translation>
    </message>
    <message>
        <source>You have no list: every valid signature is shown as one of an unknown signer.</source>
        <translation>Sie haben keine Liste: Jede gültige Signatur erscheint als die eines Unbekannten.</translation>
    </message>
</context>
<context>
    <name>TableMenu</name>
    <message>
        <source>T&amp;able</source>
        <translation>Tabe&amp;lle</translation>
    </message>
    <message>
        <source>Sort by</source>
        <translation>Sortieren nach</translation>
    </message>
    <message>
        <source>Show only</source>
        <translation>Nur zeigen</translation>
    </message>
    <message>
        <source>The other way round</source>
        <translation>Andersherum</translation>
    </message>
    <message>
        <source>Show everything again</source>
        <translation>Wieder alles zeigen</translation>
    </message>
    <message>
        <source>Look at it</source>
        <translation>Ansehen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Judge again</source>
        <translation>Noch einmal beurteilen</translation>
    </message>
    <message>
        <source>As they came</source>
        <translation>Wie sie kamen</translation>
    </message>
</context>
<context>
    <name>TeachCard</name>
    <message>
        <source>Teach NoiseLens</source>
        <translation>NoiseLens anlernen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Progress of the training</source>
        <translation>Fortschritt des Trainings</translation>
    </message>
    <message>
        <source>Further versions of the same pictures, counted once: {0}.</source>
        <translation>Weitere Fassungen derselben Bilder, einmal gezählt: {0}.</translation>
    </message>
    <message>
        <source>Labels without their image: {0}; it is kept once it is checked again.</source>
        <translation>Angaben ohne ihr Bild: {0}; es wird aufbewahrt, sobald es wieder geprüft wird.</translation>
    </message>
    <message>
        <source>Pictures with both labels: {0}.</source>
        <translation>Bilder mit beiden Angaben: {0}.</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Weitermachen</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>What was done so far is kept, also after a restart.</source>
        <translation>Was schon getan ist, bleibt erhalten, auch nach einem Neustart.</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Beginnt</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>{0}/s</source>
        <translation>{0}/s</translation>
    </message>
    <message>
        <source>Loading the detector</source>
        <translation>Der Detektor wird geladen</translation>
    </message>
    <message>
        <source>Looking at your samples</source>
        <translation>Ihre Beispiele werden angesehen</translation>
    </message>
    <message>
        <source>Learning</source>
        <translation>Lernt</translation>
    </message>
    <message>
        <source>Measuring before and after</source>
        <translation>Vorher und nachher werden gemessen</translation>
    </message>
    <message>
        <source>Working</source>
        <translation>In Arbeit</translation>
    </message>
    <message>
        <source>Label at least {0} images of one kind to begin, better {0} of each.</source>
        <translation>Für den Anfang braucht es Angaben zu mindestens {0} Bildern einer Art, besser {0} von jeder.</translation>
    </message>
    <message>
        <source>Only real images so far: NoiseLens can learn to accuse your own photographs less often. Add generated ones to teach it both.</source>
        <translation>Bisher nur echte Bilder: NoiseLens kann lernen, Ihre eigenen Fotos seltener zu beschuldigen. Mit generierten lernt es beides.</translation>
    </message>
    <message>
        <source>Only generated images so far: NoiseLens can learn to find more like these. Add real ones to teach it both.</source>
        <translation>Bisher nur generierte Bilder: NoiseLens kann lernen, mehr von dieser Art zu finden. Mit echten lernt es beides.</translation>
    </message>
    <message>
        <source>Enough to begin. With fewer than {0} of a kind, expect a small step.</source>
        <translation>Genug für den Anfang. Mit weniger als {0} einer Art ist ein kleiner Schritt zu erwarten.</translation>
    </message>
    <message>
        <source>Enough to learn from. From {0} of each kind on the result is steadier.</source>
        <translation>Genug, um daraus zu lernen. Ab {0} von jeder Art ist das Ergebnis beständiger.</translation>
    </message>
    <message>
        <source>Plenty to learn from.</source>
        <translation>Reichlich, um daraus zu lernen.</translation>
    </message>
    <message>
        <source>real</source>
        <translation>echt</translation>
    </message>
    <message>
        <source>generated</source>
        <translation>generiert</translation>
    </message>
</context>
<context>
    <name>Toast</name>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
</context>
<context>
    <name>ToolBar</name>
    <message>
        <source>Attention</source>
        <translation>Fokus</translation>
    </message>
    <message>
        <source>Where the detector looked</source>
        <translation>Wohin der Detektor geschaut hat</translation>
    </message>
    <message>
        <source>Noise</source>
        <translation>Rauschen</translation>
    </message>
    <message>
        <source>How much noise the detector predicts</source>
        <translation>Wie viel Rauschen der Detektor vorhersagt</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>The image alone</source>
        <translation>Nur das Bild</translation>
    </message>
    <message>
        <source>Strength of the overlay</source>
        <translation>Stärke der Überlagerung</translation>
    </message>
    <message>
        <source>Score of every place looked at</source>
        <translation>Wert jeder betrachteten Stelle</translation>
    </message>
    <message>
        <source>Compare with another image</source>
        <translation>Mit einem anderen Bild vergleichen</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Show single pixels (100 %)</source>
        <translation>Einzelne Pixel zeigen (100 %)</translation>
    </message>
    <message>
        <source>Shows one image pixel as one screen pixel</source>
        <translation>Zeigt ein Bildpixel als ein Bildschirmpixel</translation>
    </message>
    <message>
        <source>Fit the whole image</source>
        <translation>Ganzes Bild einpassen</translation>
    </message>
    <message>
        <source>Zoom {0}</source>
        <translation>Zoom {0}</translation>
    </message>
</context>
<context>
    <name>TrainingJob</name>
    <message>
        <source>Training needs one more part of NoiseLens. Install it with: {0}</source>
        <translation>Das Training braucht einen weiteren Teil von NoiseLens. Installieren Sie ihn mit: {0}</translation>
    </message>
    <message>
        <source>The training was ended from outside; the computer may have run out of memory. What was done so far is kept: close other programs and resume.</source>
        <translation>Das Training wurde von außen beendet; vielleicht reichte der Speicher des Rechners nicht. Was schon getan ist, bleibt erhalten: Schließen Sie andere Programme und machen Sie weiter.</translation>
    </message>
    <message>
        <source>The training stopped on an error of its own. What was done so far is kept: resume, or cancel it.</source>
        <translation>Das Training hielt wegen eines eigenen Fehlers an. Was schon getan ist, bleibt erhalten: Machen Sie weiter oder brechen Sie es ab.</translation>
    </message>
</context>
<context>
    <name>TrainingPage</name>
    <message>
        <source>Your samples</source>
        <translation>Ihre Beispiele</translation>
    </message>
    <message>
        <source>Detectors</source>
        <translation>Detektoren</translation>
    </message>
    <message>
        <source>{0} judges from now on.</source>
        <translation>Ab jetzt urteilt {0}.</translation>
    </message>
    <message>
        <source>The new detector is deleted. Your samples are kept.</source>
        <translation>Der neue Detektor ist gelöscht. Ihre Beispiele bleiben erhalten.</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
</context>
<context>
    <name>TrainingPlot</name>
    <message>
        <source>Curves of the training</source>
        <translation>Kurven des Trainings</translation>
    </message>
    <message>
        <source>Error on what it learns from: {0}</source>
        <translation>Fehler bei dem, woraus er lernt: {0}</translation>
    </message>
    <message>
        <source>{0}; on samples held out: {1}</source>
        <translation>{0}; bei zurückgehaltenen Beispielen: {1}</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>The curves come once it learns.</source>
        <translation>Die Kurven kommen, sobald er lernt.</translation>
    </message>
    <message>
        <source>error on what it learns from</source>
        <translation>Fehler bei dem, woraus er lernt</translation>
    </message>
    <message>
        <source>on samples held out</source>
        <translation>bei zurückgehaltenen Beispielen</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Open NoiseLens</source>
        <translation>NoiseLens öffnen</translation>
    </message>
    <message>
        <source>Check the image on the clipboard</source>
        <translation>Bild in der Zwischenablage prüfen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
</context>
<context>
    <name>VerdictPanel</name>
    <message>
        <source>Working</source>
        <translation>In Arbeit</translation>
    </message>
    <message>
        <source>Judge again</source>
        <translation>Noch einmal beurteilen</translation>
    </message>
    <message>
        <source>Only this small picture of the image was kept.</source>
        <translation>Von dem Bild wurde nur dieses kleine aufbewahrt.</translation>
    </message>
    <message>
        <source>Only this small picture was kept. Judge the file again to see it whole, with its overlay.</source>
        <translation>Nur dieses kleine Bild wurde aufbewahrt. Lassen Sie die Datei noch einmal beurteilen, um sie ganz und mit Überlagerung zu sehen.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Not judged</source>
        <translation>Nicht beurteilt</translation>
    </message>
    <message>
        <source>Getting ready</source>
        <translation>Wird vorbereitet</translation>
    </message>
    <message>
        <source>Loading the detector… The verdict follows by itself.</source>
        <translation>Der Detektor wird geladen… Das Urteil folgt von selbst.</translation>
    </message>
    <message>
        <source>Judging</source>
        <translation>Wird beurteilt</translation>
    </message>
    <message>
        <source>The verdict follows by itself.</source>
        <translation>Das Urteil folgt von selbst.</translation>
    </message>
    <message>
        <source>Stability {0}</source>
        <translation>Stabilität {0}</translation>
    </message>
    <message>
        <source>{0}: how far all places, and a re-encoded copy, agree.</source>
        <translation>{0}: wie weit alle Stellen und eine neu kodierte Kopie übereinstimmen.</translation>
    </message>
    <message>
        <source>Probability of generated</source>
        <translation>Wahrscheinlichkeit „generiert“</translation>
    </message>
    <message>
        <source>Stability</source>
        <translation>Stabilität</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Warum</translation>
    </message>
    <message>
        <source>What you can do</source>
        <translation>Was Sie tun können</translation>
    </message>
    <message>
        <source>What it cannot see</source>
        <translation>Was er nicht sehen kann</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>Urteil</translation>
    </message>
</context>
<context>
    <name>WelcomeDialog</name>
    <message>
        <source>First steps</source>
        <translation>Erste Schritte</translation>
    </message>
    <message>
        <source>Try the samples</source>
        <translation>Beispiele ausprobieren</translation>
    </message>
    <message>
        <source>Pair a browser…</source>
        <translation>Browser koppeln…</translation>
    </message>
    <message>
        <source>Welcome to NoiseLens</source>
        <translation>Willkommen bei NoiseLens</translation>
    </message>
    <message>
        <source>Ten samples are included: six photographs, four generated images.</source>
        <translation>Zehn Beispiele liegen bei: sechs Fotos, vier generierte Bilder.</translation>
    </message>
    <message>
        <source>In your browser</source>
        <translation>In Ihrem Browser</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Step {0} of {1}</source>
        <translation>Schritt {0} von {1}</translation>
    </message>
    <message>
        <source>Drop, paste or open an image</source>
        <translation>Ein Bild ablegen, einfügen oder öffnen</translation>
    </message>
    <message>
        <source>Folders, too, and as many files at once as you like.</source>
        <translation>Auch Ordner, und beliebig viele Dateien auf einmal.</translation>
    </message>
    <message>
        <source>See whether it looks AI-generated</source>
        <translation>Sehen, ob es KI-generiert wirkt</translation>
    </message>
    <message>
        <source>With a probability, the reasons, and a map of where NoiseLens looked.</source>
        <translation>Mit Wahrscheinlichkeit, Gründen und einer Karte dessen, wohin NoiseLens gesehen hat.</translation>
    </message>
    <message>
        <source>Everything stays on this computer</source>
        <translation>Alles bleibt auf diesem Rechner</translation>
    </message>
    <message>
        <source>Nothing is uploaded; there is no account, and no network is needed.</source>
        <translation>Nichts wird hochgeladen; es gibt kein Konto, und ein Netz ist nicht nötig.</translation>
    </message>
    <message>
        <source>What a verdict means</source>
        <translation>Was ein Urteil bedeutet</translation>
    </message>
    <message>
        <source>The fine structure of the image is like that of generated images.</source>
        <translation>Die feine Struktur des Bildes gleicht der generierter Bilder.</translation>
    </message>
    <message>
        <source>Real and generated images look alike here, so NoiseLens takes no side rather than accuse wrongly. Expect that of about every second image, and of most samples: they are small and difficult. You still see where it leans, how far that can be trusted, and what to do next.</source>
        <translation>Echte und generierte Bilder sehen hier gleich aus; NoiseLens entscheidet sich lieber nicht, als falsch zu beschuldigen. Rechnen Sie bei etwa jedem zweiten Bild damit, und bei den meisten Beispielen: Sie sind klein und schwierig. Sie sehen trotzdem, wohin es neigt, wie weit darauf Verlass ist und was Sie tun können.</translation>
    </message>
    <message>
        <source>Add the extension</source>
        <translation>Die Erweiterung hinzufügen</translation>
    </message>
    <message>
        <source>To Firefox, Chrome, Edge or another Chromium; the README says how.</source>
        <translation>In Firefox, Chrome, Edge oder einem anderen Chromium; wie, steht in der README.</translation>
    </message>
    <message>
        <source>Pair it with this app, once</source>
        <translation>Einmal mit dieser App koppeln</translation>
    </message>
    <message>
        <source>Only browsers that you pair may send images here.</source>
        <translation>Nur Browser, die Sie koppeln, dürfen Bilder hierher schicken.</translation>
    </message>
    <message>
        <source>Right click an image to check it</source>
        <translation>Mit einem Rechtsklick ein Bild prüfen</translation>
    </message>
    <message>
        <source>Or have all images of a page checked: the verdicts stand on the images.</source>
        <translation>Oder alle Bilder einer Seite prüfen lassen: Die Urteile stehen auf den Bildern.</translation>
    </message>
    <message>
        <source>You can do that later, under Settings.</source>
        <translation>Das geht auch später, unter Einstellungen.</translation>
    </message>
    <message>
        <source>Little was found that generated images have.</source>
        <translation>Es fand sich wenig, was generierte Bilder haben.</translation>
    </message>
    <message>
        <source>A verdict is a likelihood and can be wrong in both directions. Accuse nobody on it alone.</source>
        <translation>Ein Urteil ist eine Wahrscheinlichkeit und kann in beide Richtungen falsch sein. Beschuldigen Sie niemanden allein deswegen.</translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>Likely real</source>
        <translation>Wahrscheinlich echt</translation>
    </message>
    <message>
        <source>Likely generated</source>
        <translation>Wahrscheinlich generiert</translation>
    </message>
    <message>
        <source>Uncertain</source>
        <translation>Unsicher</translation>
    </message>
    <message>
        <source>Not judged</source>
        <translation>Nicht beurteilt</translation>
    </message>
    <message>
        <source>from {0}</source>
        <translation>von {0}</translation>
    </message>
    <message>
        <source>opened</source>
        <translation>geöffnet</translation>
    </message>
    <message>
        <source>from a browser</source>
        <translation>aus einem Browser</translation>
    </message>
    <message>
        <source>pasted</source>
        <translation>eingefügt</translation>
    </message>
    <message>
        <source>dropped</source>
        <translation>hereingezogen</translation>
    </message>
    <message>
        <source>from the screen</source>
        <translation>vom Bildschirm</translation>
    </message>
    <message>
        <source>from a folder</source>
        <translation>aus einem Ordner</translation>
    </message>
    <message>
        <source>NoiseLens found little in it that generated images have.</source>
        <translation>NoiseLens fand wenig darin, was generierte Bilder haben.</translation>
    </message>
    <message>
        <source>It resembles generated images far more than photographs.</source>
        <translation>Es ähnelt generierten Bildern weit mehr als Fotografien.</translation>
    </message>
    <message>
        <source>NoiseLens takes no side here, whatever the probability. See why.</source>
        <translation>NoiseLens entscheidet sich hier nicht, gleich wie hoch die Wahrscheinlichkeit ist. Siehe „Warum“.</translation>
    </message>
    <message>
        <source>It can be either: in tests, about half of the images with such a probability were generated.</source>
        <translation>Es kann beides sein: In Tests war etwa die Hälfte der Bilder mit solcher Wahrscheinlichkeit generiert.</translation>
    </message>
    <message>
        <source>It leans towards generated, not clearly enough to take a side: in tests, about {0} of 10 images with such a probability were generated.</source>
        <translation>Es neigt zu „generiert“, für ein Urteil nicht deutlich genug: In Tests waren etwa {0} von 10 Bildern mit solcher Wahrscheinlichkeit generiert.</translation>
    </message>
    <message>
        <source>It leans towards real, not clearly enough to take a side: in tests, about {0} of 10 images with such a probability were generated.</source>
        <translation>Es neigt zu „echt“, für ein Urteil nicht deutlich genug: In Tests waren etwa {0} von 10 Bildern mit solcher Wahrscheinlichkeit generiert.</translation>
    </message>
    <message>
        <source>Check the largest copy you can find; this one has {0}.</source>
        <translation>Prüfen Sie die größte Kopie, die sich findet; diese hat {0}.</translation>
    </message>
    <message>
        <source>Check the original, or a copy that is less compressed.</source>
        <translation>Prüfen Sie das Original oder eine weniger komprimierte Kopie.</translation>
    </message>
    <message>
        <source>Show the grid (Ctrl+L): which places lean which way, and what is there?</source>
        <translation>Blenden Sie das Raster ein (Strg+L): Welche Stellen neigen wohin, und was ist dort?</translation>
    </message>
    <message>
        <source>Weigh what the file says of its origin, below, and who showed it first.</source>
        <translation>Wägen Sie ab, was die Datei unten über ihre Herkunft sagt und wer sie zuerst gezeigt hat.</translation>
    </message>
    <message>
        <source>The file says nothing of its origin: find out who showed it first.</source>
        <translation>Die Datei sagt nichts über ihre Herkunft: Finden Sie heraus, wer sie zuerst gezeigt hat.</translation>
    </message>
    <message>
        <source>A sample. In truth: generated, a photograph redrawn by a diffusion model of ours.</source>
        <translation>Ein Beispiel. In Wahrheit: generiert, ein Foto, von einem unserer Diffusionsmodelle nachgezeichnet.</translation>
    </message>
    <message>
        <source>A sample. In truth: generated, by a small diffusion model of ours.</source>
        <translation>Ein Beispiel. In Wahrheit: generiert, von einem kleinen Diffusionsmodell von uns.</translation>
    </message>
    <message>
        <source>A sample. In truth: a real photograph.</source>
        <translation>Ein Beispiel. In Wahrheit: ein echtes Foto.</translation>
    </message>
    <message>
        <source>Steady</source>
        <translation>Stabil</translation>
    </message>
    <message>
        <source>Mostly steady</source>
        <translation>Weitgehend stabil</translation>
    </message>
    <message>
        <source>Mixed</source>
        <translation>Gemischt</translation>
    </message>
    <message>
        <source>Unsteady</source>
        <translation>Unstabil</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartet</translation>
    </message>
    <message>
        <source>came with NoiseLens</source>
        <translation>kam mit NoiseLens</translation>
    </message>
    <message>
        <source>taught by you</source>
        <translation>von Ihnen angelernt</translation>
    </message>
    <message>
        <source>from a file</source>
        <translation>aus einer Datei</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>in Gebrauch</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>weniger als eine Minute übrig</translation>
    </message>
    <message>
        <source>about {0} min left</source>
        <translation>noch etwa {0} min</translation>
    </message>
    <message>
        <source>about {0} h left</source>
        <translation>noch etwa {0} h</translation>
    </message>
    <message>
        <source>Real</source>
        <translation>Echt</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>Generiert</translation>
    </message>
    <message>
        <source>image not at hand</source>
        <translation>Bild nicht zur Hand</translation>
    </message>
    <message>
        <source>another version of a picture, counts once with it</source>
        <translation>weitere Fassung eines Bildes, zählt einmal mit ihm</translation>
    </message>
    <message>
        <source>better</source>
        <translation>besser</translation>
    </message>
    <message>
        <source>worse</source>
        <translation>schlechter</translation>
    </message>
    <message>
        <source>{0}. Before: {1} ({2}). Now: {3} ({4}).</source>
        <translation>{0}. Vorher: {1} ({2}). Jetzt: {3} ({4}).</translation>
    </message>
    <message>
        <source>{0}, you said: {1}</source>
        <translation>{0}, Sie sagten: {1}</translation>
    </message>
    <message>
        <source>Judged by {0}</source>
        <translation>Beurteilt von {0}</translation>
    </message>
    <message>
        <source>d MMM yyyy</source>
        <translation>d. MMM yyyy</translation>
    </message>
    <message>
        <source>d MMM</source>
        <translation>d. MMM</translation>
    </message>
</context>
</TS>
