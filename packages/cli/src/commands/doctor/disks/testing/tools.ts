/**
 * What the tools say, shortened to the lines that are read. Shapes: the recorded outputs in the tests of nagios-plugin-check_raid (arcconf,
 * hpacucli), of the collector of storcli for node_exporter, and the manuals of the makers.
 */

export const storcli = (volume: string, disk: string): string =>
  JSON.stringify({
    Controllers: [
      {
        'Command Status': {
          'CLI Version': '007.1912.0000.0000 Nov 23, 2021',
          'Operating system': 'Linux 5.10.0-8-amd64',
          Controller: 0,
          Status: 'Success',
          Description: 'None',
        },
        'Response Data': {
          'Product Name': 'PERC H730 Mini',
          'Virtual Drives': 1,
          'VD LIST': [
            { 'DG/VD': '0/0', TYPE: 'RAID1', State: volume, Access: 'RW', Size: '931.0 GB', Name: 'os' },
          ],
          'Physical Drives': 2,
          'PD LIST': [
            { 'EID:Slt': '32:0', DID: 0, State: 'Onln', DG: 0, Size: '931.0 GB', Model: 'ST1000NM0011' },
            { 'EID:Slt': '32:1', DID: 1, State: disk, DG: 0, Size: '931.0 GB', Model: 'ST1000NM0011' },
          ],
          BBU_Info: [{ Model: 'BBU', State: 'Optimal', RetentionTime: '0 hour(s)', Mode: '-' }],
        },
      },
    ],
  });

export const storcliNone: string = JSON.stringify({
  Controllers: [{ 'Command Status': { Status: 'Failure', Description: 'No Controller found' } }],
});

export const ssacli = (array: string, volume: string, disk: string): string => `
Smart Array P440ar in Slot 0 (Embedded)   (sn: PDNLH0BRH8B3IA)


   Port Name: 1I

   Internal Drive Cage at Port 1I, Box 1, OK
   array A${array}


      logicaldrive 1 (279.4 GB, RAID 1, ${volume})

      physicaldrive 1I:1:1 (port 1I:box 1:bay 1, SAS HDD, 300 GB, OK)
      physicaldrive 1I:1:2 (port 1I:box 1:bay 2, SAS HDD, 300 GB, ${disk})
      physicaldrive 1I:1:3 (port 1I:box 1:bay 3, SAS HDD, 300 GB, OK, spare)

   SEP (Vendor ID PMCSIERA, Model SRCv8x6G) 380 (WWID: 5001438028346B1F)
`;

export const arcconf = (volume: string, disk: string): string => `Controllers found: 1
----------------------------------------------------------------------
Controller information
----------------------------------------------------------------------
   Controller Status                        : Optimal
   Controller Model                         : Adaptec 5405Z
   Temperature                              : 77 C/ 170 F (Normal)
   --------------------------------------------------------
   Controller Battery Information
   --------------------------------------------------------
   Status                                   : Not Installed

----------------------------------------------------------------------
Logical device information
----------------------------------------------------------------------
Logical Device number 0
   Logical Device name                      : ld0
   RAID level                               : 1
   Status of Logical Device                 : ${volume}
   Size                                     : 2307062 MB

----------------------------------------------------------------------
Physical Device information
----------------------------------------------------------------------
      Device #0
         Device is a Hard drive
         State                              : Online
         Power State                        : Full rpm
      Device #1
         Device is a Hard drive
         State                              : ${disk}
      Device #2
         Device is an Enclosure services device
         State                              : Strange

Command completed successfully.
`;

/** Source of the form: md(4), Documentation/admin-guide/md.rst of the kernel. */
export const mdstat = (...arrays: readonly string[]): string =>
  `Personalities : [raid1] [raid6] [raid5] [raid4] \n${arrays.map((array) => `${array}\n\n`).join('')}unused devices: <none>\n`;

export const mdWhole =
  'md0 : active raid1 sdb1[1] sda1[0]\n      1048512 blocks super 1.2 [2/2] [UU]\n      bitmap: 0/1 pages [0KB], 65536KB chunk';
export const mdFailed = 'md1 : active raid1 sdb2[2](F) sda2[0]\n      292945152 blocks super 1.2 [2/1] [U_]';
export const mdRebuilt =
  'md2 : active raid1 sdc1[2] sda3[0]\n      292945152 blocks super 1.2 [2/1] [U_]\n      [==>..................]  recovery = 12.6% (37043392/292945152) finish=127.5min speed=33440K/sec';
export const mdSyncing =
  'md3 : active raid1 sdb4[1] sda4[0]\n      104792064 blocks super 1.2 [2/2] [UU]\n      \tresync=DELAYED';

export const mdadmDetail = `/dev/md1:
           Version : 1.2
        Raid Level : raid1
      Raid Devices : 2
             State : clean, degraded
              Name : mn1:data  (local to host mn1)
    Number   Major   Minor   RaidDevice State
       0       8        2        0      active sync   /dev/sda2
       -       0        0        1      removed

       2       8       18        -      faulty   /dev/sdb2
`;
