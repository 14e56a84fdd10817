var e=`@user start Shares, mappen en bestanden
Een **share** is een plek voor bestanden die bij elkaar horen; **Mijn drive** is van jou alleen. Open een share om de mappen en bestanden te zien. Sorteer via de kolomkoppen. Dubbelklikken of Enter opent een map of toont een bestand. Het adres van elke pagina kun je doorsturen: wie het mag zien, ziet het.
@user upload Bestanden en mappen uploaden
Sleep bestanden of hele mappen op een open map, of gebruik **Uploaden**. Drie bestanden gaan tegelijk; de lijst onderin toont hoe ver en hoe snel. Problemen met één bestand houden de andere niet tegen: het blijft met zijn reden in de lijst, en alles wat mislukte kan samen opnieuw.

Is een naam bezet, kies dan **Vervangen** (het bestand krijgt een nieuwe versie), **Beide houden** of **Overslaan**.
@user resume Als een upload is onderbroken
Na herladen, slaapstand, een ander netwerk of opnieuw aanmelden gaat een upload verder waar hij was. Waar de browser ons het bestand niet opnieuw laat lezen, vraagt de lijst erom: kies of sleep **hetzelfde bestand**, en na een controle gaat het verder. Is het veranderd, dan begint het opnieuw. Verdergaan kan een dag lang. Afmelden stopt uploads en vergeet ze.
@user preview Bestanden bekijken
Afbeeldingen, pdf, tekst, code, Markdown, geluid en film worden hier getoond; voor andere is er **Downloaden**. De pijltjes ← → gaan naar het vorige en volgende bestand. Wat een bestand bevat, draait nooit in je browser: SVG en HTML worden als tekst getoond.
@user edit Tekst bewerken
Tekst en Markdown hebben **Bewerken** als je het bestand mag wijzigen. Opslaan maakt een nieuwe versie. Heeft iemand intussen opgeslagen, dan wordt niets overschreven: sla het jouwe op als nieuw bestand, vervang het andere (het blijft bij de versies), of gooi het jouwe weg.
@user trash Prullenbak
Wat je verwijdert, gaat naar de prullenbak van de share; **Ongedaan maken** haalt het meteen terug. Zolang het daar ligt, kan het worden teruggezet.
@user sync Een map gelijk houden
\`scaidrive sync\` houdt een map op je computer gelijk met een share. **Instellingen → Apparaten** toont elke computer, wat niet gelijk is en wat hij tegenhoudt: voordat veel bestanden tegelijk verdwijnen, vraagt hij het jou.
@user install Als app installeren
Je browser biedt in het menu **Installeren** aan (op telefoons: *Zet op beginscherm*), als deze server via HTTPS wordt bereikt. Zonder verbinding opent de app en zegt dat; bestanden staan niet op het apparaat.
@admin firststart Eerste start
De beheerder van de eerste start ontstaat met \`SCAIDRIVE_ADMIN_EMAIL\` en \`SCAIDRIVE_ADMIN_PASSWORD\`. Alle gegevens liggen in de map van \`--data\`; geef die een eigen schijf en maak er als geheel een back-up van. Bied HTTPS aan: grote films, installeren en het voortzetten van gesleepte bestanden hebben het nodig.
@admin people Mensen en groepen
Geef rechten liever aan groepen dan aan mensen: wie erbij komt heeft ze meteen, wie weggaat verliest ze meteen. Wie wordt geblokkeerd, verliest aanmeldingen en tokens; de bestanden blijven.
@admin rights Rechten
De rollen van een share zijn lezer, medewerker, beheerder en eigenaar. Daaronder geven of nemen regels op mappen en bestanden losse rechten. Wat iemand niet mag zien, ziet eruit alsof het er niet is.
@admin health Toestand en herstel
\`scaidrive verify\` leest alles en vergelijkt het met de controlegetallen; \`scaidrive repair\` herstelt wat kan. Is de schijf vol, dan gaat lezen door en stopt schrijven tot er ruimte is.
@admin tokens Tokens voor scripts
**Instellingen → API-tokens** maakt een token dat in naam van de maker handelt, binnen zijn grenzen. Geef elk script een eigen token, laat het eindigen, verwijder wat niet wordt gebruikt. Het geheim wordt één keer getoond.
@errors connection Geen verbinding sinds …
De server is niet bereikbaar. Je ziet wat eerder is geladen; uploads wachten en gaan vanzelf verder. Controleer je netwerk en probeer het dan opnieuw.
@errors signin Je aanmelding is beëindigd
Meld je opnieuw aan: uploads wachten, niets is verloren. Het gebeurt na een lange pauze, of als een beheerder je aanmeldingen heeft beëindigd.
@errors gone Je kunt dit niet zien, of het is er niet meer
Je hebt er geen recht op, het is verwijderd, of het adres klopt niet. Vraag wie het stuurde om het met je te delen.
@errors taken Een bestand of map hier heeft deze naam
Hoofdletters tellen bij namen niet mee. Kies een andere naam, of vervang het bestand.
@errors names Een naam wordt geweigerd
Namen mogen geen \`\\ / : * ? " < > |\` bevatten, niet eindigen op een punt of spatie, en hebben hoogstens 255 bytes, zodat ze op elke computer werken.
@errors changed Iemand heeft het intussen gewijzigd
Wat je zag is niet wat er nu is. Kijk opnieuw en beslis dan; er is niets overschreven.
@errors room Er is geen ruimte meer
De share of de schijf van de server is vol. Leeg de prullenbak of vraag je beheerder.
@errors damaged Op de server opgeslagen gegevens zijn beschadigd
Wat gelezen wordt, wordt met zijn controlegetal vergeleken, en dat klopte niet. Geef je beheerder het aanvraagnummer; andere bestanden zijn niet geraakt.
@errors fault De server had een fout
Probeer het opnieuw. Blijft het, geef dan je beheerder het aanvraagnummer onder **Details**; het staat in het logboek van de server.
`;export{e as default};