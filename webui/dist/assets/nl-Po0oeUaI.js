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
@user share Met anderen delen
**Delen** bij een map of share opent het venster. **Personen** voegt mensen en groepen met een rol toe aan de share: lezers zien, medewerkers wijzigen, beheerders bepalen ook wie erbij is. Wie geen account heeft, krijgt een **uitnodiging**: geef het adres door, het geldt voor één aanmelding. Een rol kan een einde hebben. Wat je deelt, komt bij de anderen aan zonder herladen.
@user permissions Wie wat mag
Rollen gelden voor de hele share. Onder **Rechten** krijgt een map of bestand eigen regels: losse rechten toestaan of weigeren voor een persoon of groep, voor het object, voor de inhoud of beide. De dichtstbijzijnde regel beslist; op dezelfde plek wint weigeren van toestaan; elke regel wint van de rol. Zonder **overnemen van boven** telt niet wat van hogere mappen komt. **Waarom heeft deze persoon toegang?** noemt de regel of rol die besliste.
@user versions Versies
Verandert de inhoud van een bestand, dan blijft de vorige als versie. **Details → Versies** toont ze: downloaden of terugzetten. Terugzetten maakt een nieuwe versie met de oude inhoud; er gaat niets verloren.
@user moment Terug naar een moment
**Terugzetten naar een moment…** bij een map toont hoe ze toen was: verschuif de regelaar, bekijk wat anders zou worden en zet dan terug. Wat er nu is, gaat niet verloren: inhoud blijft als versie, wat erbij kwam gaat naar de prullenbak, en het kan ongedaan worden gemaakt.
@user conflicts Conflicten
Een conflict ontstaat als twee mensen of computers hetzelfde bestand wijzigden zonder van elkaar te weten. Er is niets verloren: iedereen ziet wat op de server staat tot iemand beslist. **Conflicten** toont beide kanten, tekst regel voor regel. Houd het jouwe (1), dat van de ander (2) of beide (3); wat niet blijft, is nog een versie.
@user trash Prullenbak
Wat je verwijdert, gaat naar de prullenbak van de share; **Ongedaan maken** haalt het meteen terug. Zolang het daar ligt, kan het worden teruggezet.

**Recente acties** in het accountmenu toont wat je hebt gedaan, elk met **Ongedaan maken**; Ctrl+Z maakt de laatste ongedaan. Meerdere geselecteerde bestanden hernoem je samen met **Naam wijzigen…** in hun menu: een deel van de namen wordt vervangen, en je ziet vooraf hoe.
@user sync Een map gelijk houden
\`scaidrive sync\` houdt een map op je computer gelijk met een share. **Instellingen → Apparaten** toont elke computer, wat niet gelijk is en wat hij tegenhoudt: voordat veel bestanden tegelijk verdwijnen, vraagt hij het jou.
@user cli Opdrachtregel
\`scaidrive login ADRES\` meldt één keer aan. Daarna doen \`scaidrive ls SHARE:/\`, \`put\`, \`get\`, \`mv\`, \`cp\`, \`rm\`, \`restore\` en \`versions\` wat hun naam zegt; \`put -r\` en \`get -r\` nemen hele mappen en slaan over wat er al is. Elke opdracht heeft \`--help\` met een voorbeeld en \`--json\` voor scripts.
@user synccli Een gesynchroniseerde map inrichten
\`scaidrive sync add SHARE MAP\` verbindt een share met een map op je computer; \`scaidrive sync run\` houdt ze gelijk zolang het loopt, \`scaidrive sync run --once\` doet het één keer. \`sync status\` zegt wat niet gelijk is en waarom. Wat beide kanten wijzigden, blijft dubbel of wacht onder **Conflicten**, zoals de share het zegt. Bewerkte bestanden worden nooit weggegooid: wat niet kan blijven, gaat naar \`.scaidrive/rescue\` in de map.
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
@admin console De console
**Account → Console** is er voor beheerders. Het dashboard toont of alle delen werken en wat er anders te doen is, hoeveel is opgeslagen en waar, wat ontdubbelen minstens bespaart, en hoeveel mensen er vandaag, in 7 en in 30 dagen waren. Bij de gebruikers maak je accounts (de link voor het wachtwoord wordt één keer getoond, geef hem door); daar wordt geblokkeerd, weer toegelaten en de rol gewijzigd. Groepen kunnen groepen bevatten. Ook alle shares van de tenant staan er, en de instellingen, zoals de dagen van de prullenbak en de lengte van wachtwoorden.
@admin tenants Tenants en partners
Een tenant is een aparte organisatie op dezelfde server: eigen mensen, groepen, shares en instellingen; niemand ziet bij een ander. Hoofdbeheerders en medewerkers van een partner maken en blokkeren tenants; erin kijken ze niet. Een geblokkeerde tenant is vanaf het volgende verzoek buitengesloten en houdt alles.
@admin retention Prullenbak en versies
Wat in de prullenbak ligt, telt als opslag en wordt na de dagen van de tenant definitief verwijderd (30, als niets anders is ingesteld; een share kan eigen dagen hebben). Alle versies blijven zolang tenant of share geen dagen of aantal instelt.
@admin backup Back-up
Stop de server en kopieer de datamap als geheel (\`reserve\` en \`derived/\` mogen ontbreken), of maak tijdens het draaien een snapshot van het volume: dat is wat een stroomstoring achterlaat, en daarmee start de server. Terugzetten: leg de kopie op haar plaats, voer \`scaidrive verify --data MAP\` uit en start dan. Oefen het voordat je het nodig hebt.
@admin verify Controleren en herstellen
Stop eerst de server. \`scaidrive verify --data MAP\` vergelijkt koppen, indexen en tellingen; met \`--read-data\` leest het elke byte. \`scaidrive repair --data MAP\` bouwt op wat kan en verwijdert niets dat leesbaar was; pas \`--accept-loss\` gaat verder zonder wat onleesbaar is, en noemt het. Afsluitcode 0: alles is goed.
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
@errors uploadfailed Een upload mislukte
De reden staat bij het bestand. **Te groot**: de grens wordt genoemd. **Niet leesbaar**: het is op je computer gewijzigd of verplaatst; kies het opnieuw. **De verbinding brak af**: probeer alles opnieuw; wat aangekomen was, wordt niet weer verzonden. **Je kunt hier niets toevoegen**: je rol in deze map laat alleen lezen toe.
@errors conflict Er wacht een conflict
Twee kanten wijzigden hetzelfde bestand. Open **Conflicten** en beslis; tot dan blijft de inhoud op de server.
@errors heldback Een computer houdt verwijderingen tegen
Veel bestanden verdwenen tegelijk uit een gesynchroniseerde map, misschien omdat een schijf er niet was. Op de server wordt niets verwijderd tot je het zegt: **Instellingen → Apparaten**. In de prullenbak staan ze in elk geval.
@errors readonly De server neemt nu geen wijzigingen aan
Lezen gaat. De schijf kon iets niet opslaan, daarom wordt niets meer beloofd. Zeg het je beheerder: bekijk de schijf en herstart dan de server. Wat bevestigd was, is opgeslagen.
@errors toomany Te veel verzoeken of verkeerde wachtwoorden
Wacht de genoemde tijd. Verkeerde wachtwoorden tellen per account en adres; een juist wist de telling.
`;export{e as default};